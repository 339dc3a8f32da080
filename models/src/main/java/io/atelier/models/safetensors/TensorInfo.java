package io.atelier.models.safetensors;

import java.util.Arrays;

/**
 * A header's entry for one tensor.
 *
 * @param dtype element type as written in the file, such as {@code BF16}
 * @param shape extents, outermost first; empty for a scalar
 * @param begin first byte, counted from the end of the header
 * @param end one past the last byte
 */
public record TensorInfo(String dtype, long[] shape, long begin, long end) {

  /** Bytes of the tensor. */
  public long bytes() {
    return end - begin;
  }

  @Override
  public String toString() {
    return "%s %s".formatted(dtype, Arrays.toString(shape));
  }
}
