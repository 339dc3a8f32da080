package io.atelier.models.vision;

import java.security.MessageDigest;
import java.util.Arrays;

/**
 * A batch of 8-bit RGB images of one size, the form in which rewards, encoders and files exchange
 * them.
 *
 * @param count number of images, at least 1
 * @param height rows of each image
 * @param width columns of each image
 * @param rgb pixels in the order image, row, column, channel (R, G, B); {@code count * height *
 *     width * 3} bytes, each an unsigned value 0..255. Owned by this record: do not modify.
 */
public record Images(int count, int height, int width, byte[] rgb) implements ImageSource {

  public Images {
    if (count < 1 || height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "images need a positive count, height and width, got %d x %d x %d"
              .formatted(count, height, width));
    }
    long expected = 3L * count * height * width;
    if (rgb.length != expected) {
      throw new IllegalArgumentException(
          "%d images of %d x %d need %d bytes, got %d"
              .formatted(count, height, width, expected, rgb.length));
    }
  }

  /** Maximum bytes of a set: the capacity of one array. */
  private static final int LARGEST = Integer.MAX_VALUE - 8;

  /**
   * Bytes of {@code count} images; to be called before allocating them.
   *
   * @throws IllegalArgumentException with the sizes, if they exceed the capacity of one set
   */
  public static int bytes(long count, long height, long width) {
    long bytes = Math.multiplyExact(Math.multiplyExact(3 * count, height), width);
    if (bytes > LARGEST) {
      throw new IllegalArgumentException(
          "%d images of %d x %d pixels take %d bytes, and a set can have %d; use fewer or smaller ones"
              .formatted(count, height, width, bytes, LARGEST));
    }
    return (int) bytes;
  }

  /** Bytes of one image. */
  public int stride() {
    return 3 * height * width;
  }

  /** Image {@code index} alone, as a copy. */
  @Override
  public Images get(int index) {
    return slice(index, index + 1);
  }

  /** Images {@code from} (inclusive) to {@code to} (exclusive), as a copy. */
  @Override
  public Images slice(int from, int to) {
    if (from < 0 || to > count || from >= to) {
      throw new IndexOutOfBoundsException(
          "images %d to %d of %d do not exist".formatted(from, to, count));
    }
    return new Images(
        to - from, height, width, Arrays.copyOfRange(rgb, from * stride(), to * stride()));
  }

  @Override
  public void identify(MessageDigest digest) {
    digest.update(rgb);
  }

  /** Concatenates the images of {@code parts}; all must have the same size. */
  public static Images concat(Images... parts) {
    long total = Arrays.stream(parts).mapToLong(Images::count).sum();
    Images first = parts[0];
    byte[] all = new byte[bytes(total, first.height, first.width)];
    int offset = 0;
    for (Images part : parts) {
      if (part.height != first.height || part.width != first.width) {
        throw new IllegalArgumentException(
            "cannot join images of %d x %d with images of %d x %d"
                .formatted(part.height, part.width, first.height, first.width));
      }
      System.arraycopy(part.rgb, 0, all, offset, part.rgb.length);
      offset += part.rgb.length;
    }
    return new Images((int) total, first.height, first.width, all);
  }
}
