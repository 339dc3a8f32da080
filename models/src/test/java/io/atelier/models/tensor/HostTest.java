package io.atelier.models.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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

  /** As a graph keeps what it needs on the way back after the array that it came from is closed. */
  @Test
  void shouldLieInMemoryThatOutlivesTheArray() {
    int length = 1000;
    float[] values = new float[length];
    Arrays.fill(values, 0.5f);
    try (NDManager scope = Torch.newScope()) {
      List<NDArray> kept = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        try (NDArray array = Host.toNative(scope, values, length)) {
          kept.add(TorchOps.call("forward", array)); // the same tensor
        }
      }
      List<ByteBuffer> others = new ArrayList<>();
      for (int round = 0; round < 10; round++) {
        System.gc(); // frees buffers of the JVM that nothing refers to any more
        for (int i = 0; i < 200; i++) { // which lie where they lay
          ByteBuffer other = ByteBuffer.allocateDirect(length * Float.BYTES);
          while (other.hasRemaining()) {
            other.put((byte) -1);
          }
          others.add(other);
        }
      }
      for (NDArray array : kept) {
        assertArrayEquals(values, Host.floats(array));
      }
      assertEquals(2000, others.size());
    }
  }
}
