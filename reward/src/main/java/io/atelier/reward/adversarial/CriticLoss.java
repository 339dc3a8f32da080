package io.atelier.reward.adversarial;

/**
 * Losses of a critic, for a reference with logit r and a generated image with logit g, and their
 * derivatives. Pure functions of scalars, in double precision.
 */
public enum CriticLoss {
  /**
   * {@code relu(1 - r) + relu(1 + g)}, so that a logit beyond the margin of 1 adds nothing (Lim and
   * Ye 2017, arXiv 1705.02894; Adv-GRPO uses it for its discriminator).
   */
  HINGE {
    @Override
    public double of(double reference, double generated) {
      return Math.max(0, 1 - reference) + Math.max(0, 1 + generated);
    }

    @Override
    public double referenceSlope(double reference, double generated) {
      return 1 - reference > 0 ? -1 : 0;
    }

    @Override
    public double generatedSlope(double reference, double generated) {
      return 1 + generated > 0 ? 1 : 0;
    }
  },
  /**
   * {@code -ln R(r) - ln(1 - R(g)) = softplus(-r) + softplus(g)} with R the sigmoid, the
   * discriminator loss of Goodfellow et al. (2014, arXiv 1406.2661). Equation 6 of Adv-GRPO (arXiv
   * 2511.20256) is the same with a PickScore for R, without saying how that becomes a probability;
   * here it is the sigmoid, too.
   */
  CROSS_ENTROPY {
    @Override
    public double of(double reference, double generated) {
      return softplus(-reference) + softplus(generated);
    }

    @Override
    public double referenceSlope(double reference, double generated) {
      return -sigmoid(-reference);
    }

    @Override
    public double generatedSlope(double reference, double generated) {
      return sigmoid(generated);
    }
  },
  /**
   * {@code softplus(g - r) = -ln(e^r / (e^r + e^g))}, the negative log-probability that the
   * reference is preferred to the generated image. The relativistic loss of Jolicoeur-Martineau
   * (2018, arXiv 1807.00734); the published code of Adv-GRPO uses it for PickScore, from
   * PickScore's own training (Kirstain et al. 2023, arXiv 2305.01569).
   */
  LOGISTIC {
    @Override
    public double of(double reference, double generated) {
      return softplus(generated - reference);
    }

    @Override
    public double referenceSlope(double reference, double generated) {
      return -sigmoid(generated - reference);
    }

    @Override
    public double generatedSlope(double reference, double generated) {
      return sigmoid(generated - reference);
    }

    @Override
    public Sides over(float[] reference, float[] generated) {
      int pairs = Math.max(reference.length, generated.length);
      double[] references = new double[reference.length];
      double[] others = new double[generated.length];
      double loss = 0;
      for (int i = 0; i < pairs; i++) {
        int at = i % reference.length;
        int to = i % generated.length;
        double r = reference[at];
        double g = generated[to];
        loss += of(r, g) / pairs;
        references[at] += referenceSlope(r, g) / pairs;
        others[to] += generatedSlope(r, g) / pairs;
      }
      return new Sides(loss, references, others);
    }
  };

  /**
   * Mean loss of references and generated images.
   *
   * @param loss the mean
   * @param reference derivative with respect to each reference's logit, (n)
   * @param generated derivative with respect to each generated image's logit, (m)
   */
  public record Sides(double loss, double[] reference, double[] generated) {}

  /** Returns the loss, 0 or more. */
  public abstract double of(double reference, double generated);

  /** Returns the derivative of the loss with respect to the reference's logit. */
  public abstract double referenceSlope(double reference, double generated);

  /** Returns the derivative of the loss with respect to the generated image's logit. */
  public abstract double generatedSlope(double reference, double generated);

  /**
   * Computes the mean loss of references and generated images. If the loss is a sum over the two
   * sides, each side is averaged on its own. Otherwise it is the mean over pairs, as many as the
   * larger side has images: reference i with generated image i, wrapping around on the smaller
   * side.
   *
   * @param reference logits of references, (n), at least one
   * @param generated logits of generated images, (m), at least one
   */
  public Sides over(float[] reference, float[] generated) {
    double[] references = new double[reference.length];
    double[] others = new double[generated.length];
    double loss = 0;
    for (int i = 0; i < references.length; i++) {
      // A logit at infinity removes the term of the other side.
      loss += of(reference[i], Double.NEGATIVE_INFINITY) / references.length;
      references[i] = referenceSlope(reference[i], 0) / references.length;
    }
    for (int i = 0; i < others.length; i++) {
      loss += of(Double.POSITIVE_INFINITY, generated[i]) / others.length;
      others[i] = generatedSlope(0, generated[i]) / others.length;
    }
    return new Sides(loss, references, others);
  }

  // StrictMath, because Math may round differently when compiled than when interpreted.

  private static double softplus(double x) {
    return Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
  }

  private static double sigmoid(double x) {
    return 1 / (1 + StrictMath.exp(-x));
  }
}
