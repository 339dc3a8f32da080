package io.atelier.models.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ai.djl.ndarray.NDManager;
import org.junit.jupiter.api.Test;

class HostTest {

  @Test
  void shouldCopyArraysOfEveryLength() {
    try (NDManager scope = Torch.newScope()) {
      for (int length = 1; length < 130; length++) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
          values[i] = i - 0.5f;
        }
        assertArrayEquals(values, Host.floats(Host.toNative(scope, values, length)));
      }
    }
  }
}
