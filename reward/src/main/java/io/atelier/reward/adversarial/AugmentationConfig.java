package io.atelier.reward.adversarial;

/**
 * Blur and noise that hide what only a machine would see: the grain by which a decoder gives itself
 * away.
 *
 * @param blur largest deviation of a Gaussian blur, in pixels; each image draws its own in 0..blur
 * @param noise largest deviation of normal noise on pixels of the scale 0..1; each image draws its
 *     own in 0..noise
 */
public record AugmentationConfig(double blur, double noise) {

  /** Images are left as they are. */
  public static final AugmentationConfig NONE = new AugmentationConfig(0, 0);

  public AugmentationConfig {
    if (!(blur >= 0 && blur <= 8)) {
      throw new IllegalArgumentException("blur %s must be 0 to 8 pixels".formatted(blur));
    }
    if (!(noise >= 0 && noise <= 1)) {
      throw new IllegalArgumentException("noise %s must be 0 to 1".formatted(noise));
    }
  }

  /** Whether anything is changed. */
  public boolean active() {
    return blur > 0 || noise > 0;
  }
}
