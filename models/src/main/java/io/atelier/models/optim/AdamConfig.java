package io.atelier.models.optim;

/**
 * Settings of {@link Adam}.
 *
 * @param learningRate step size, positive
 * @param beta1 decay of the first moment, 0 to 1 (exclusive)
 * @param beta2 decay of the second moment, 0 to 1 (exclusive)
 * @param epsilon added to the root of the second moment, positive
 * @param weightDecay fraction of a weight subtracted for each unit of learning rate, decoupled from
 *     the moments (AdamW); 0 gives Adam
 */
public record AdamConfig(
    double learningRate, double beta1, double beta2, double epsilon, double weightDecay) {

  public AdamConfig {
    require("learning-rate", learningRate, learningRate > 0, "positive");
    require("beta1", beta1, beta1 >= 0 && beta1 < 1, "in [0, 1)");
    require("beta2", beta2, beta2 >= 0 && beta2 < 1, "in [0, 1)");
    require("epsilon", epsilon, epsilon > 0, "positive");
    require("weight-decay", weightDecay, weightDecay >= 0, "at least 0");
  }

  /** AdamW as Flow-GRPO uses it: betas 0.9 and 0.999, epsilon 1e-8, decay 1e-4. */
  public static AdamConfig adamW(double learningRate) {
    return new AdamConfig(learningRate, 0.9, 0.999, 1e-8, 1e-4);
  }

  /** Adam as the discriminator of Adv-GRPO uses it: betas 0.5 and 0.999, epsilon 1e-8. */
  public static AdamConfig discriminator(double learningRate) {
    return new AdamConfig(learningRate, 0.5, 0.999, 1e-8, 0);
  }

  private static void require(String name, double value, boolean valid, String rule) {
    if (!valid || Double.isInfinite(value)) {
      throw new IllegalArgumentException(
          "%s must be %s and finite, got %s".formatted(name, rule, value));
    }
  }
}
