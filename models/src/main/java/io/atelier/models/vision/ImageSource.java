package io.atelier.models.vision;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * RGB images of one size, each produced on demand: a set may be larger than memory. {@link Images}
 * is a set in memory. Not thread-safe.
 */
public interface ImageSource {

  /** Maximum bytes of pixels that are processed at once. */
  long BYTES_AT_ONCE = 128 << 20;

  /** Number of images, at least 1. */
  int count();

  /** Rows of each image. */
  int height();

  /** Columns of each image. */
  int width();

  /** Image {@code index} alone. */
  Images get(int index);

  /** Adds to {@code digest} everything that identifies these images. */
  void identify(MessageDigest digest);

  /** Number of images that have at most {@link #BYTES_AT_ONCE} of pixels together; at least 1. */
  default int together() {
    return (int) Math.max(1, BYTES_AT_ONCE / (3L * height() * width()));
  }

  /** Images {@code from} (inclusive) to {@code to} (exclusive). */
  default Images slice(int from, int to) {
    return select(IntStream.range(from, to).toArray());
  }

  /** The images at {@code indices}, in that order; at least one. */
  default Images select(int[] indices) {
    return Images.concat(Arrays.stream(indices).mapToObj(this::get).toArray(Images[]::new));
  }
}
