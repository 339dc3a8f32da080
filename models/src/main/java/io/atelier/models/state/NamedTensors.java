package io.atelier.models.state;

import io.atelier.models.files.Sha256;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Float32 tensors in JVM memory, ordered by name: the content of weight streams and checkpoints,
 * identified by a hash. Immutable by convention: the arrays must not be modified.
 */
public final class NamedTensors {

  /**
   * One tensor.
   *
   * @param shape extents, outermost first; empty for a scalar
   * @param values elements, row-major
   */
  public record Tensor(long[] shape, float[] values) {
    public Tensor {
      long size = product(shape);
      if (size != values.length) {
        throw new IllegalArgumentException(
            "a tensor of shape %s needs %d values, got %d"
                .formatted(java.util.Arrays.toString(shape), size, values.length));
      }
    }
  }

  /** Maximum number of values of one array. */
  private static final int LARGEST = Integer.MAX_VALUE - 8;

  private final SortedMap<String, Tensor> tensors;

  public NamedTensors(Map<String, Tensor> tensors) {
    this.tensors = Collections.unmodifiableSortedMap(new TreeMap<>(tensors));
  }

  private static long product(long... shape) {
    long size = 1;
    for (long extent : shape) {
      size = Math.multiplyExact(size, extent);
    }
    return size;
  }

  /**
   * Number of values of a tensor; to be called before allocating it.
   *
   * @throws IllegalArgumentException with the shape, if they exceed the capacity of one array
   */
  public static int elements(long... shape) {
    long size = product(shape);
    if (size > LARGEST) {
      throw new IllegalArgumentException(
          "%s are %d values, and one array holds %d; use fewer or smaller images at once"
              .formatted(java.util.Arrays.toString(shape), size, LARGEST));
    }
    return (int) size;
  }

  /** Total number of values of tensors of these shapes. */
  public static long elements(Collection<long[]> shapes) {
    return shapes.stream().mapToLong(NamedTensors::product).reduce(0, Math::addExact);
  }

  /** The tensor called {@code name}; fails with the names that exist if there is none. */
  public Tensor get(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "no tensor \"%s\" among %d: %s".formatted(name, tensors.size(), preview()));
    }
    return tensor;
  }

  public boolean contains(String name) {
    return tensors.containsKey(name);
  }

  /** Names in ascending order. */
  public Set<String> names() {
    return tensors.keySet();
  }

  public SortedMap<String, Tensor> asMap() {
    return tensors;
  }

  /** The tensors whose names begin with {@code prefix}, under the rest of their names. */
  public NamedTensors part(String prefix) {
    Map<String, Tensor> part = new TreeMap<>();
    tensors.forEach(
        (name, tensor) -> {
          if (name.startsWith(prefix)) {
            part.put(name.substring(prefix.length()), tensor);
          }
        });
    return new NamedTensors(part);
  }

  /** The tensors with one of these names. */
  public NamedTensors only(Set<String> names) {
    Map<String, Tensor> some = new TreeMap<>(tensors);
    some.keySet().retainAll(names);
    return new NamedTensors(some);
  }

  /** These tensors, with those of {@code others} added or replacing those of the same name. */
  public NamedTensors with(NamedTensors others) {
    Map<String, Tensor> all = new TreeMap<>(tensors);
    all.putAll(others.tensors);
    return new NamedTensors(all);
  }

  /** Total number of elements of all tensors. */
  public long elements() {
    return tensors.values().stream().mapToLong(t -> t.values().length).sum();
  }

  /**
   * SHA-256, in lower-case hexadecimal, over name, shape and bits of every tensor in the order of
   * the names. Equal hashes mean equal bits.
   */
  public String contentHash() {
    MessageDigest digest = Sha256.digest();
    ByteBuffer chunk = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
    tensors.forEach(
        (name, tensor) -> {
          byte[] key = name.getBytes(StandardCharsets.UTF_8);
          chunk.clear().putInt(key.length).putInt(tensor.shape().length);
          digest.update(chunk.flip());
          digest.update(key);
          chunk.clear();
          for (long extent : tensor.shape()) {
            chunk.putLong(extent);
          }
          digest.update(chunk.flip());
          float[] values = tensor.values();
          for (int from = 0; from < values.length; ) {
            int n = Math.min(values.length - from, chunk.capacity() / Float.BYTES);
            chunk.clear();
            chunk.asFloatBuffer().put(values, from, n);
            digest.update(chunk.limit(n * Float.BYTES));
            from += n;
          }
        });
    return HexFormat.of().formatHex(digest.digest());
  }

  private String preview() {
    return String.join(", ", tensors.keySet().stream().limit(8).toList());
  }
}
