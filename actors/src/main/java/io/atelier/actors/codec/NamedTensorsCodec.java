package io.atelier.actors.codec;

import io.atelier.actors.transport.WeightCodec;
import io.atelier.actors.transport.wire.WireReader;
import io.atelier.actors.transport.wire.WireWriter;
import io.atelier.models.state.NamedTensors;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Encoded weights: format, number of tensors, and for each in the order of the names its name,
 * shape and float32 values.
 */
public final class NamedTensorsCodec implements WeightCodec<NamedTensors> {
  private static final byte FORMAT = 1;
  private static final int MAX_NAME_BYTES = 1 << 10;

  /** Least bytes of a tensor: the lengths of an empty name, shape and array of values. */
  private static final int MIN_TENSOR_BYTES = 3 * Integer.BYTES;

  @Override
  public long length(NamedTensors tensors) {
    return 1 + bytes(tensors);
  }

  @Override
  public void encode(NamedTensors tensors, ByteBuffer into) {
    into.put(FORMAT);
    put(into, tensors);
  }

  @Override
  public NamedTensors decode(ByteBuffer from) {
    WireReader reader = new WireReader(from, "weights");
    reader.format(FORMAT);
    NamedTensors tensors = read(reader);
    reader.end();
    return tensors;
  }

  @Override
  public String hash(NamedTensors tensors) {
    return tensors.contentHash();
  }

  static long bytes(NamedTensors tensors) {
    long bytes = Integer.BYTES;
    for (Map.Entry<String, NamedTensors.Tensor> entry : tensors.asMap().entrySet()) {
      bytes += bytes(entry.getKey(), entry.getValue());
    }
    return bytes;
  }

  /** Returns the bytes of one encoded tensor. */
  static long bytes(String name, NamedTensors.Tensor tensor) {
    return WireWriter.length(name)
        + 2L * Integer.BYTES
        + (long) Long.BYTES * tensor.shape().length
        + (long) Float.BYTES * tensor.values().length;
  }

  static void put(ByteBuffer into, NamedTensors tensors) {
    into.putInt(tensors.asMap().size());
    tensors
        .asMap()
        .forEach(
            (name, tensor) -> {
              WireWriter.text(into, name);
              WireWriter.wholes(into, tensor.shape());
              WireWriter.floats(into, tensor.values());
            });
  }

  static NamedTensors read(WireReader reader) {
    int count = reader.count(MIN_TENSOR_BYTES);
    TreeMap<String, NamedTensors.Tensor> tensors = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      String name = reader.text(MAX_NAME_BYTES);
      if (!tensors.isEmpty() && name.compareTo(tensors.lastKey()) <= 0) {
        throw reader.malformed("tensor \"%s\" after \"%s\"".formatted(name, tensors.lastKey()));
      }
      tensors.put(name, tensor(reader, name));
    }
    return new NamedTensors(tensors);
  }

  private static NamedTensors.Tensor tensor(WireReader reader, String name) {
    long[] shape = reader.wholes();
    float[] values = reader.floats();
    long size = 1;
    for (long extent : shape) {
      if (extent < 0 || extent > Integer.MAX_VALUE || size * extent > Integer.MAX_VALUE) {
        throw reader.malformed("tensor \"%s\" of shape %s".formatted(name, Arrays.toString(shape)));
      }
      size *= extent;
    }
    if (size != values.length) {
      throw reader.malformed(
          "tensor \"%s\" of shape %s has %d values"
              .formatted(name, Arrays.toString(shape), values.length));
    }
    return new NamedTensors.Tensor(shape, values);
  }
}
