package io.atelier.tests.toy;

import io.atelier.models.state.NamedTensors;
import java.nio.charset.StandardCharsets;

/**
 * A running 64-bit digest of everything that is put in: any bit that differs changes the outcome.
 */
final class Bits {
  private long state;

  Bits(long seed) {
    this.state = seed;
  }

  Bits add(long value) {
    long z = (state ^ value) + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    state = z ^ (z >>> 31);
    return this;
  }

  Bits add(String text) {
    return add(text.getBytes(StandardCharsets.UTF_8));
  }

  Bits add(byte[] bytes) {
    for (byte b : bytes) {
      add(b);
    }
    return add(bytes.length);
  }

  Bits add(float[] values) {
    for (float value : values) {
      add(Float.floatToRawIntBits(value));
    }
    return add(values.length);
  }

  Bits add(NamedTensors tensors) {
    tensors.asMap().forEach((name, tensor) -> add(name).add(tensor.values()));
    return this;
  }

  long next() {
    return add(1).state;
  }

  /** A value in -1..1. */
  float nextFloat() {
    return (next() >> 40) / (float) (1 << 23);
  }

  float[] floats(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = nextFloat();
    }
    return values;
  }

  byte[] bytes(int count) {
    byte[] values = new byte[count];
    for (int i = 0; i < count; i++) {
      values[i] = (byte) next();
    }
    return values;
  }
}
