package io.atelier.reward.adversarial;

/**
 * What a critic learns by: loss of a reference with logit r and a generated image with logit g, and
 * its derivatives. Pure functions.
 */
public enum CriticLoss {
  /**
   * relu(1 - r) + relu(1 + g), so that what is told apart by 1 counts no more (Lim and Ye 2017, as
   * Adv-GRPO has it for its discriminator).
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
   * -ln R(r) - ln(1 - R(g)) = softplus(-r) + softplus(g) with R the sigmoid, the discriminator's
   * loss of Goodfellow et al. (2014). Equation 6 of Adv-GRPO (arXiv 2511.20256) has the same with a
   * PickScore for R, and does not say how that becomes a probability; here it is the sigmoid, too.
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
   * softplus(g - r) = -ln(e^r / (e^r + e^g)): which of the two is the reference? The relativistic
   * loss of Jolicoeur-Martineau (2018); the program of Adv-GRPO has it for PickScore, from the
   * training of that (Kirstain et al. 2023).
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
   * Loss of two sides.
   *
   * @param loss the mean
   * @param reference its derivative with respect to each reference's logit
   * @param generated the same of each generated image's
   */
  public record Sides(double loss, double[] reference, double[] generated) {}

  /** The loss, 0 or more. */
  public abstract double of(double reference, double generated);

  /** Derivative of the loss with respect to the reference's logit. */
  public abstract double referenceSlope(double reference, double generated);

  /** Derivative of the loss with respect to the generated image's logit. */
  public abstract double generatedSlope(double reference, double generated);

  /**
   * Mean loss of references and generated images. Where the loss is a sum of both sides, each side
   * has its own mean. Else it is the mean of pairs, as many as the larger side has images:
   * reference i with generated image i, and the smaller side begins again at its end.
   *
   * @param reference logits of references, at least one
   * @param generated logits of generated images, at least one
   */
  public Sides over(float[] reference, float[] generated) {
    double[] references = new double[reference.length];
    double[] others = new double[generated.length];
    double loss = 0;
    for (int i = 0; i < references.length; i++) {
      // At infinity the other side adds nothing.
      loss += of(reference[i], Double.NEGATIVE_INFINITY) / references.length;
      references[i] = referenceSlope(reference[i], 0) / references.length;
    }
    for (int i = 0; i < others.length; i++) {
      loss += of(Double.POSITIVE_INFINITY, generated[i]) / others.length;
      others[i] = generatedSlope(0, generated[i]) / others.length;
    }
    return new Sides(loss, references, others);
  }

  // StrictMath, since a compiled Math may round otherwise than an interpreted one.

  private static double softplus(double x) {
    return Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
  }

  private static double sigmoid(double x) {
    return 1 / (1 + StrictMath.exp(-x));
  }
}
