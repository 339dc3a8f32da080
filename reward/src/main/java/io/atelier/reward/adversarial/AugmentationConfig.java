package io.atelier.reward.adversarial;

/**
 * Blur and noise that hide detail that only a network sees, such as the grain typical of a decoder.
 *
 * @param blur largest standard deviation of a Gaussian blur, in pixels; each image draws its own in
 *     0..blur
 * @param noise largest standard deviation of normal noise on pixels of the scale 0..1; each image
 *     draws its own in 0..noise
 */
public record AugmentationConfig(double blur, double noise) {

  /** Leaves images unchanged. */
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
