package io.atelier.models.vision;

import java.util.Arrays;
import java.util.function.ToIntFunction;

/** Resizes images like the Python libraries, identical to the bit or up to rounding. */
public final class Resize {

  /** Fraction bits of Pillow's weights: 32 minus 8 for the pixel and 2 for overshoot. */
  private static final int PILLOW_BITS = 22;

  private Resize() {}

  /**
   * Pillow's {@code Image.resize} on 8-bit images, byte for byte: antialiased, columns first,
   * rounded to bytes between the two passes, weights in fixed point of 22 bits. An axis that keeps
   * its size is unchanged.
   */
  public static Images pillow(Images images, int height, int width, Filter filter) {
    return fixedPoint(images, height, width, filter, weights -> PILLOW_BITS);
  }

  /**
   * Reduces images to at most {@code side} rows and columns, with the aspect ratio kept and {@link
   * Filter#BICUBIC}; smaller ones are unchanged.
   */
  public static Images within(Images images, int side) {
    int longer = Math.max(images.height(), images.width());
    if (longer <= side) {
      return images;
    }
    int height = Math.max(1, (int) ((long) images.height() * side / longer));
    int width = Math.max(1, (int) ((long) images.width() * side / longer));
    return pillow(images, height, width, Filter.BICUBIC);
  }

  /**
   * torchvision's antialiased bilinear resize of byte tensors, byte for byte: as {@link #pillow},
   * but with weights of 16 bits, whose precision depends on the largest weight. The published
   * pipeline resizes reference images to the generator's size this way.
   */
  public static Images torchvision(Images images, int height, int width) {
    return fixedPoint(images, height, width, Filter.BILINEAR, Resize::shortPrecision);
  }

  private static Images fixedPoint(
      Images images, int height, int width, Filter filter, ToIntFunction<Taps> precision) {
    Images wide = images;
    if (width != images.width()) {
      Taps taps = Taps.antialiased(images.width(), width, filter, false);
      wide = columns(images, width, FixedTaps.of(taps, precision.applyAsInt(taps)));
    }
    if (height == images.height()) {
      return wide;
    }
    Taps taps = Taps.antialiased(images.height(), height, filter, false);
    return rows(wide, height, FixedTaps.of(taps, precision.applyAsInt(taps)));
  }

  /** The most fraction bits, at most 22, with which the largest weight still fits 15 bits. */
  private static int shortPrecision(Taps taps) {
    double largest =
        Arrays.stream(taps.weight()).flatMapToDouble(Arrays::stream).max().orElseThrow();
    int bits = 0;
    while (bits < PILLOW_BITS && (int) (0.5 + largest * (1 << bits + 1)) < 1 << 15) {
      bits++;
    }
    return bits;
  }

  /** Weights in fixed point with {@code bits} fraction bits. */
  private record FixedTaps(int bits, int[] first, int[][] weight) {
    static FixedTaps of(Taps taps, int bits) {
      int[][] weight = new int[taps.weight().length][];
      for (int i = 0; i < weight.length; i++) {
        double[] exact = taps.weight()[i];
        weight[i] = new int[exact.length];
        for (int k = 0; k < exact.length; k++) {
          weight[i][k] = (int) (Math.copySign(0.5, exact[k]) + exact[k] * (1 << bits));
        }
      }
      return new FixedTaps(bits, taps.first(), weight);
    }

    /** Half a unit, so that truncation rounds. */
    int half() {
      return 1 << bits - 1;
    }

    byte round(int sum) {
      return (byte) Math.max(0, Math.min(255, sum >> bits));
    }
  }

  private static Images columns(Images images, int width, FixedTaps taps) {
    int lines = images.count() * images.height();
    byte[] in = images.rgb();
    byte[] out = new byte[Images.bytes(images.count(), images.height(), width)];
    for (int x = 0; x < width; x++) {
      int[] weight = taps.weight()[x];
      for (int line = 0; line < lines; line++) {
        int at = (line * images.width() + taps.first()[x]) * 3;
        int to = (line * width + x) * 3;
        for (int c = 0; c < 3; c++) {
          int sum = taps.half();
          for (int k = 0; k < weight.length; k++) {
            sum += (in[at + 3 * k + c] & 0xff) * weight[k];
          }
          out[to + c] = taps.round(sum);
        }
      }
    }
    return new Images(images.count(), images.height(), width, out);
  }

  private static Images rows(Images images, int height, FixedTaps taps) {
    int row = images.width() * 3;
    byte[] in = images.rgb();
    byte[] out = new byte[Images.bytes(images.count(), height, images.width())];
    int[] sum = new int[row];
    for (int n = 0; n < images.count(); n++) {
      for (int y = 0; y < height; y++) {
        int[] weight = taps.weight()[y];
        Arrays.fill(sum, taps.half());
        for (int k = 0; k < weight.length; k++) {
          int at = (n * images.height() + taps.first()[y] + k) * row;
          for (int x = 0; x < row; x++) {
            sum[x] += (in[at + x] & 0xff) * weight[k];
          }
        }
        int to = (n * height + y) * row;
        for (int x = 0; x < row; x++) {
          out[to + x] = taps.round(sum[x]);
        }
      }
    }
    return new Images(images.count(), height, images.width(), out);
  }

  /**
   * PyTorch's {@code interpolate(mode="bicubic", align_corners=False, antialias=False)}: four taps
   * whatever the scale. Values may overshoot those of the source.
   */
  public static Pixels bicubic(Pixels pixels, int height, int width) {
    return separable(
        pixels,
        height,
        width,
        Taps.interpolated(pixels.width(), width, (float) pixels.width() / width),
        Taps.interpolated(pixels.height(), height, (float) pixels.height() / height));
  }

  /**
   * PyTorch's {@code interpolate(mode, align_corners=False, antialias=True)}. Values may overshoot
   * those of the source with {@link Filter#BICUBIC}.
   */
  public static Pixels antialiased(Pixels pixels, int height, int width, Filter filter) {
    return separable(
        pixels,
        height,
        width,
        Taps.antialiased(pixels.width(), width, filter, true),
        Taps.antialiased(pixels.height(), height, filter, true));
  }

  /**
   * As {@link #bicubic(Pixels, int, int)} for square planes of any number, such as the channels of
   * a position table.
   *
   * @param from rows and columns of a plane
   * @param to rows and columns of the result
   * @param scale source positions per result position; {@code from / to}, unless the reference
   *     differs
   */
  public static float[] bicubic(float[] planes, int from, int to, float scale) {
    Taps taps = Taps.interpolated(from, to, scale);
    return separable(planes, from, from, taps, taps);
  }

  /** As {@link #antialiased(Pixels, int, int, Filter)} for square planes of any number. */
  public static float[] antialiased(float[] planes, int from, int to, Filter filter) {
    Taps taps = Taps.antialiased(from, to, filter, true);
    return separable(planes, from, from, taps, taps);
  }

  private static Pixels separable(Pixels pixels, int height, int width, Taps columns, Taps rows) {
    float[] out = separable(pixels.values(), pixels.height(), pixels.width(), columns, rows);
    return new Pixels(pixels.count(), height, width, out);
  }

  /** Resizes consecutive planes of {@code high x broad} values. */
  private static float[] separable(float[] in, int high, int broad, Taps columns, Taps rows) {
    int planes = in.length / (high * broad);
    int height = rows.first().length;
    int width = columns.first().length;
    float[] out = new float[planes * height * width];
    double[] line = new double[width];
    float[] wide = new float[high * width];
    for (int plane = 0; plane < planes; plane++) {
      for (int y = 0; y < high; y++) {
        int at = (plane * high + y) * broad;
        for (int x = 0; x < width; x++) {
          double[] weight = columns.weight()[x];
          double sum = 0;
          for (int k = 0; k < weight.length; k++) {
            sum += weight[k] * in[at + columns.first()[x] + k];
          }
          wide[y * width + x] = (float) sum;
        }
      }
      for (int y = 0; y < height; y++) {
        double[] weight = rows.weight()[y];
        Arrays.fill(line, 0);
        for (int k = 0; k < weight.length; k++) {
          int at = (rows.first()[y] + k) * width;
          for (int x = 0; x < width; x++) {
            line[x] += weight[k] * wide[at + x];
          }
        }
        int to = (plane * height + y) * width;
        for (int x = 0; x < width; x++) {
          out[to + x] = (float) line[x];
        }
      }
    }
    return out;
  }

  /** The middle {@code height x width} of each image; offsets are rounded down. */
  public static Images centreCrop(Images images, int height, int width) {
    if (height > images.height() || width > images.width()) {
      throw new IllegalArgumentException(
          "cannot crop %d x %d out of images of %d x %d"
              .formatted(height, width, images.height(), images.width()));
    }
    int top = (images.height() - height) / 2;
    int left = (images.width() - width) / 2;
    byte[] rgb = new byte[Images.bytes(images.count(), height, width)];
    for (int n = 0; n < images.count(); n++) {
      for (int y = 0; y < height; y++) {
        int at = ((n * images.height() + top + y) * images.width() + left) * 3;
        System.arraycopy(images.rgb(), at, rgb, (n * height + y) * width * 3, width * 3);
      }
    }
    return new Images(images.count(), height, width, rgb);
  }
}
