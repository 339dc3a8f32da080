package io.atelier.models.vision;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * RGB images of one size, each made when it is asked for: a set may be larger than memory. {@link
 * Images} is one that lies in memory. One thread at a time.
 */
public interface ImageSource {

  /** Most bytes of pixels that are worked on at once. */
  long BYTES_AT_ONCE = 128 << 20;

  /** Number of images, at least 1. */
  int count();

  /** Rows of each image. */
  int height();

  /** Columns of each image. */
  int width();

  /** Image {@code index} alone. */
  Images get(int index);

  /** Adds to {@code digest} all that tells these images from others. */
  void identify(MessageDigest digest);

  /** Images that have no more than {@link #BYTES_AT_ONCE} of pixels together; at least 1. */
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
