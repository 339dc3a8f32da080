package io.atelier.models.vision;

import java.util.List;

/**
 * Settings of a frozen encoder.
 *
 * @param pixels rows and columns that images are resized to before encoding; for embedded encoders
 *     a multiple of 32, and 64-pixel images show their style best when enlarged to 128
 * @param filter resize kernel
 * @param threads threads within one operation, at least 1; the features do not depend on it
 * @param batch images encoded at once, at least 1; bounds memory, the features do not depend on it
 * @param blocks blocks of a Vision Transformer whose outputs it gives in addition to the last one's
 */
public record EncoderConfig(
    int pixels, Filter filter, int threads, int batch, List<Integer> blocks) {

  /** 128 pixels, bicubic, one thread, 16 images at once. */
  public static final EncoderConfig DEFAULT = new EncoderConfig(128, Filter.BICUBIC, 1, 16);

  public EncoderConfig {
    require(pixels >= 1, "pixels %d must be at least 1", pixels);
    require(threads >= 1, "threads %d must be at least 1", threads);
    require(batch >= 1, "batch %d must be at least 1", batch);
    blocks = List.copyOf(blocks);
  }

  /** Without outputs of additional blocks. */
  public EncoderConfig(int pixels, Filter filter, int threads, int batch) {
    this(pixels, filter, threads, batch, List.of());
  }

  public EncoderConfig withThreads(int threads) {
    return new EncoderConfig(pixels, filter, threads, batch, blocks);
  }

  private static void require(boolean holds, String rule, int value) {
    if (!holds) {
      throw new IllegalArgumentException("encoder " + rule.formatted(value));
    }
  }
}
