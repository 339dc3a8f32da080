package io.atelier.reward.adversarial;

/**
 * How well a discriminator separates references from generated images, by one logit per image. Near
 * 1 it is so strong that its scores within a group carry little information; near one half they are
 * noise.
 *
 * @param accuracy half the share of references above 0 plus half the share of generated images
 *     below
 * @param auc probability that a reference has a higher logit than a generated image, ties counted
 *     half
 * @param meanReal mean logit of references
 * @param meanFake mean logit of generated images
 */
public record Health(double accuracy, double auc, double meanReal, double meanFake) {

  public static Health of(float[] real, float[] fake) {
    double above = 0;
    double sumReal = 0;
    double wins = 0;
    for (float r : real) {
      above += r > 0 ? 1 : 0;
      sumReal += r;
      for (float f : fake) {
        wins += r > f ? 1 : r == f ? 0.5 : 0;
      }
    }
    double below = 0;
    double sumFake = 0;
    for (float f : fake) {
      below += f < 0 ? 1 : 0;
      sumFake += f;
    }
    return new Health(
        (above / real.length + below / fake.length) / 2,
        wins / ((double) real.length * fake.length),
        sumReal / real.length,
        sumFake / fake.length);
  }

  /** Returns the mean logit of references minus that of generated images. */
  public double margin() {
    return meanReal - meanFake;
  }
}
