package io.atelier.reward.adversarial;

/**
 * Loss of a pair of images of one prompt, a reference with logit r and a generated one with logit
 * g. Pure functions of the two, each e^s cos of a CLIP.
 */
public enum PairLoss {
  /**
   * softplus(g - r) = -ln(e^r / (e^r + e^g)): which of the two is the reference? As the program of
   * Adv-GRPO has it, from PickScore's own training (Kirstain et al. 2023).
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
  },
  /**
   * -ln R(r) - ln(1 - R(g)) = softplus(-r) + softplus(g), equation 6 of Adv-GRPO (arXiv
   * 2511.20256). The paper does not say how its R becomes a probability; here R is the sigmoid.
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
  };

  /** The loss, 0 or more. */
  public abstract double of(double reference, double generated);

  /** Derivative of the loss with respect to the reference's logit. */
  public abstract double referenceSlope(double reference, double generated);

  /** Derivative of the loss with respect to the generated image's logit. */
  public abstract double generatedSlope(double reference, double generated);

  // StrictMath, since a compiled Math may round otherwise than an interpreted one.

  private static double softplus(double x) {
    return Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
  }

  private static double sigmoid(double x) {
    return 1 / (1 + StrictMath.exp(-x));
  }
}
