package io.atelier.models.vision;

/**
 * How a frozen encoder is run.
 *
 * @param pixels rows and columns that images are resized to before encoding; for embedded encoders
 *     a multiple of 32, and 64-pixel images show their style best when enlarged to 128
 * @param filter resize kernel
 * @param threads threads within one operation, at least 1; the features do not depend on it
 * @param batch images encoded at once, at least 1; bounds memory, the features do not depend on it
 */
public record EncoderConfig(int pixels, Filter filter, int threads, int batch) {

  /** 128 pixels, bicubic, one thread, 16 images at once. */
  public static final EncoderConfig DEFAULT = new EncoderConfig(128, Filter.BICUBIC, 1, 16);

  public EncoderConfig {
    require(pixels >= 1, "pixels %d must be at least 1", pixels);
    require(threads >= 1, "threads %d must be at least 1", threads);
    require(batch >= 1, "batch %d must be at least 1", batch);
  }

  public EncoderConfig withThreads(int threads) {
    return new EncoderConfig(pixels, filter, threads, batch);
  }

  private static void require(boolean holds, String rule, int value) {
    if (!holds) {
      throw new IllegalArgumentException("encoder " + rule.formatted(value));
    }
  }
}
