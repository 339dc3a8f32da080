package io.atelier.models.safetensors;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.Set;

/** Tensors by name, wherever they are stored. Thread-safe. */
public interface TensorSource {

  /**
   * The weights of one part of a pipeline folder: {@code folder/base.safetensors}, or the shards
   * that {@code folder/base.safetensors.index.json} names; or, if there is neither, those of the
   * only variant present, such as {@code base.fp16.safetensors}.
   *
   * @param base {@code model} for transformers, {@code diffusion_pytorch_model} for diffusers
   */
  static TensorSource open(Path folder, String base) {
    return WeightFiles.open(folder, base);
  }

  /**
   * Names of the files that {@link #open} reads: one file, or an index and its shards. Empty if
   * there are neither.
   */
  static Set<String> files(Path folder, String base) {
    return WeightFiles.files(folder, base);
  }

  /** The file or index that was opened, for messages. */
  Path path();

  /** All names, in ascending order. */
  Set<String> names();

  default boolean contains(String name) {
    return names().contains(name);
  }

  /** Type, shape and offsets of a tensor; fails with the nearest names if there is none. */
  TensorInfo info(String name);

  /**
   * The bytes of a tensor as in the file: a direct, little-endian, read-only view of the mapped
   * file, without a copy. The file must not be changed in place while it is in use.
   */
  ByteBuffer bytes(String name);

  /** The values of a BF16, F16 or F32 tensor, row-major. */
  float[] floats(String name);

  /** Index of the first NaN or infinity in a BF16, F16 or F32 tensor, if there is one. */
  default OptionalLong firstNotFinite(String name) {
    return firstFrom(name, Float.POSITIVE_INFINITY);
  }

  /**
   * Index of the first value of a BF16, F16 or F32 tensor that is NaN or has at least the absolute
   * value {@code magnitude}, if there is one.
   */
  OptionalLong firstFrom(String name, float magnitude);

  /** The values of an I64 tensor, row-major. */
  long[] longs(String name);
}
