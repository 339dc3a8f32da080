package io.atelier.models.sd3;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDManager;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Torch;
import io.atelier.models.tensor.WeightSource;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class T5EncoderTest {

  private static final int TOKENS = 160;

  /** One head whose bias is the number of the bucket. */
  private static T5Encoder encoder(NDManager scope) {
    T5Config config = new T5Config(3, 4, 1, 1, 4, 4, 32, 128);
    Map<String, NamedTensors.Tensor> weights = new TreeMap<>();
    config
        .shapes()
        .forEach(
            (name, shape) -> {
              float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
              for (int i = 0; i < values.length; i++) {
                values[i] = name.equals(T5Config.BIAS) ? i : 0.1f * (i % 7 - 3);
              }
              weights.put(name, new NamedTensors.Tensor(shape, values));
            });
    return new T5Encoder(scope, config, WeightSource.of("test", new NamedTensors(weights)));
  }

  /**
   * Of 16 buckets in a direction the first 8 hold one distance each; the others begin at 8 ·
   * 2^(k/2), the last at 91 and reaching on without end. A key after its query adds 16.
   */
  @Test
  void shouldSortDistancesIntoExactThenLogarithmicBuckets() {
    int[] begins = {0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 23, 32, 46, 64, 91};
    Torch.enter(false);
    try (NDManager scope = Torch.newScope()) {
      float[] bias = encoder(scope).positionBias(scope, TOKENS).toFloatArray();
      for (int distance = 0; distance < TOKENS; distance++) {
        int bucket = Arrays.binarySearch(begins, distance);
        bucket = bucket >= 0 ? bucket : -bucket - 2;
        int ahead = distance == 0 ? bucket : bucket + 16;
        assertEquals(ahead, bias[distance], "key " + distance + " ahead");
        assertEquals(bucket, bias[distance * TOKENS], "key " + distance + " behind");
      }
    }
  }

  @Test
  void shouldGiveATextTheSameFeaturesAloneAndInABatch() {
    Torch.enter(false);
    try (NDManager scope = Torch.newScope()) {
      T5Encoder encoder = encoder(scope);
      float[] both = encoder.encode(scope, new long[][] {{1, 2, 0}, {2, 2, 1}}).toFloatArray();
      float[] second = encoder.encode(scope, new long[][] {{2, 2, 1}}).toFloatArray();
      assertArrayEquals(second, Arrays.copyOfRange(both, second.length, 2 * second.length), 1e-6f);
      assertThrows(
          IllegalArgumentException.class, () -> encoder.encode(scope, new long[][] {{1, 3}}));
    }
  }
}
