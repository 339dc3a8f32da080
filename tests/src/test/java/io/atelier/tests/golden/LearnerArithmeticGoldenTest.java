package io.atelier.tests.golden;

import static io.atelier.tests.golden.Golden.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.learner.advantage.AdvantageConfig;
import io.atelier.learner.advantage.Advantages;
import io.atelier.learner.advantage.Spread;
import io.atelier.learner.advantage.Weighting;
import io.atelier.models.optim.Adam;
import io.atelier.models.optim.AdamConfig;
import io.atelier.models.optim.Ema;
import io.atelier.models.optim.GradientClip;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("golden")
class LearnerArithmeticGoldenTest {

  @Test
  void shouldGiveTheAdvantages() {
    for (JsonNode one : Golden.json("flow", "advantages.json").get("cases")) {
      Weighting weighting = Weighting.valueOf(one.get("mode").asText().toUpperCase(Locale.ROOT));
      Spread spread = one.get("global_std").asBoolean() ? Spread.BATCH : Spread.GROUP;
      AdvantageConfig config = AdvantageConfig.of(weighting, spread, 5);
      JsonNode rewards = one.get("rewards");
      int n = rewards.size();
      int[] groups = IntStream.range(0, n).map(i -> one.get("groups").get(i).asInt()).toArray();
      int columns = rewards.get(0).isArray() ? rewards.get(0).size() : 1;
      for (int column = 0; column < columns; column++) {
        int c = column;
        double[] values =
            IntStream.range(0, n).mapToDouble(i -> value(rewards.get(i), c)).toArray();
        String what = one.get("name").asText() + " " + weighting + " " + spread;
        if (one.get("expected").isTextual()) {
          assertThrows(
              IllegalArgumentException.class,
              () -> Advantages.of(config, values, groups, OptionalDouble.empty()),
              what);
          continue;
        }
        double[] actual = Advantages.of(config, values, groups, OptionalDouble.empty());
        for (int i = 0; i < n; i++) {
          assertEquals(value(one.get("expected").get(i), c), actual[i], 1e-9, what);
        }
      }
    }
  }

  private static double value(JsonNode node, int column) {
    return node.isArray() ? node.get(column).asDouble() : node.asDouble();
  }

  @Test
  void shouldMoveTheAverage() {
    for (JsonNode one : Golden.json("flow", "ema.json").get("cases")) {
      Ema ema =
          new Ema(
              one.get("limit").asDouble(),
              one.get("interval").asInt(),
              new NamedTensors(Map.of("w", tensor(one.get("start")))));
      for (JsonNode call : one.get("calls")) {
        int n = call.get("step").asInt();
        boolean moved = ema.update(n, Map.of("w", tensor(call.get("weights")).values()));

        assertEquals(call.get("decay").asDouble(), ema.decay(n), 1e-9);
        assertEquals(call.get("fires").asBoolean(), moved);
        assertClose(
            "ema", tensor(call.get("average")).values(), ema.average().get("w").values(), 1e-6);
      }
    }
  }

  private static Tensor tensor(JsonNode array) {
    float[] values = new float[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) array.get(i).asDouble();
    }
    return new Tensor(new long[] {values.length}, values);
  }

  @ParameterizedTest
  @CsvSource({"adamw, 3e-4, 0.9, 1e-4", "adam, 1e-4, 0.5, 0"})
  void shouldStepLikeTheReferenceOptimizer(String kind, double rate, double beta1, double decay) {
    SafetensorsFile file = Golden.tensors("flow", "optimizer.safetensors");
    Map<String, float[]> weights = new TreeMap<>();
    Map<String, Tensor> start = new TreeMap<>();
    for (String name : new String[] {"a", "b"}) {
      String key = kind + "." + name + ".start";
      weights.put(name, file.floats(key));
      start.put(name, new Tensor(file.info(key).shape(), file.floats(key)));
    }
    Adam adam = new Adam(new AdamConfig(rate, beta1, 0.999, 1e-8, decay), new NamedTensors(start));
    int steps = 0;
    while (file.names().contains(kind + ".a." + steps)) {
      steps++;
    }
    assertTrue(steps > 0);
    for (int step = 0; step < steps; step++) {
      Map<String, float[]> gradients = new TreeMap<>();
      for (String name : weights.keySet()) {
        gradients.put(name, file.floats(kind + "." + name + ".grad." + step));
      }
      double norm = GradientClip.clip(gradients, 1);
      adam.step(weights, gradients);
      assertEquals(Golden.scalar(file, kind + ".norm." + step), norm, 1e-6 * Math.max(1, norm));
      for (String name : weights.keySet()) {
        check(file, kind + "." + name + ".", step, steps - 1, weights.get(name), 0.01 * rate);
        NamedTensors state = adam.state();
        String m = kind + "." + name + ".m.";
        String v = kind + "." + name + ".v.";
        check(file, m, step, steps - 1, state.get("first." + name).values(), 0);
        check(file, v, step, steps - 1, state.get("second." + name).values(), 0);
      }
    }
  }

  /**
   * The published file holds the state after the last step under every step's name (the arrays were
   * not copied when they were stored). Such rows are left out; the last one is always checked.
   */
  private static void check(
      SafetensorsFile file, String prefix, int step, int last, float[] actual, double drift) {
    float[] expected = file.floats(prefix + step);
    if (step == last || !Arrays.equals(expected, file.floats(prefix + last))) {
      assertClose(prefix + step, expected, actual, 1e-6 + (step + 1) * drift);
    }
  }
}
