package io.atelier.models.vision;

/**
 * A batch of RGB images in float32, plane by plane: the input of networks.
 *
 * @param count number of images
 * @param height rows of each image
 * @param width columns of each image
 * @param values pixels in the order image, channel (R, G, B), row, column; {@code count * 3 *
 *     height * width} values. Owned by this record: do not modify.
 */
public record Pixels(int count, int height, int width, float[] values) {

  public Pixels {
    long expected = 3L * count * height * width;
    if (values.length != expected) {
      throw new IllegalArgumentException(
          "%d images of 3 x %d x %d need %d values, got %d"
              .formatted(count, height, width, expected, values.length));
    }
  }

  /** Bytes as values 0..1: {@code byte / 255}. */
  public static Pixels unit(Images images) {
    return map(images, (c, level) -> level / 255f);
  }

  /** {@code (byte / 255 - mean) / std} by channel, each step in float32 as in PyTorch. */
  public static Pixels normalised(Images images, float[] mean, float[] std) {
    return map(images, (c, level) -> (level / 255f - mean[c]) / std[c]);
  }

  private interface LevelValue {
    float of(int channel, int level);
  }

  private static Pixels map(Images images, LevelValue value) {
    int plane = images.height() * images.width();
    float[] values = new float[images.rgb().length];
    byte[] rgb = images.rgb();
    float[] table = new float[256];
    for (int c = 0; c < 3; c++) {
      for (int level = 0; level < 256; level++) {
        table[level] = value.of(c, level);
      }
      for (int n = 0; n < images.count(); n++) {
        int out = (n * 3 + c) * plane;
        int in = n * 3 * plane + c;
        for (int p = 0; p < plane; p++) {
          values[out + p] = table[rgb[in + 3 * p] & 0xff];
        }
      }
    }
    return new Pixels(images.count(), images.height(), images.width(), values);
  }
}
