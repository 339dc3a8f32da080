package io.atelier.models.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.tensor.Autograd;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.models.tensor.TrainedParameters;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The optimizer of native weights against those of Java arrays, which are its oracle. */
class OptimizerTest {
  private static final Map<String, long[]> SHAPES =
      Map.of("scale", new long[0], "bias", new long[] {7}, "large", new long[] {3, 50_001});

  private final NDManager scope = Torch.newScope();
  private final Random random = new Random(11);

  @AfterEach
  void close() {
    scope.close();
  }

  private NamedTensors random(double width) {
    Map<String, Tensor> tensors = new TreeMap<>();
    SHAPES.forEach(
        (name, shape) -> {
          float[] values = new float[NamedTensors.elements(shape)];
          for (int i = 0; i < values.length; i++) {
            // of every magnitude, and some zeros of both signs
            double size = width * Math.pow(10, -12 * random.nextDouble());
            values[i] = (float) (random.nextInt(50) == 0 ? -0.0 : size * random.nextGaussian());
          }
          tensors.put(name, new Tensor(shape, values));
        });
    return new NamedTensors(tensors);
  }

  private TrainedParameters parameters() {
    TrainedParameters parameters = new TrainedParameters("network");
    SHAPES.forEach(
        (name, shape) ->
            parameters.add(
                name, Host.toNative(scope, new float[NamedTensors.elements(shape)], shape)));
    parameters.train();
    return parameters;
  }

  private static SortedMap<String, float[]> copies(NamedTensors tensors) {
    SortedMap<String, float[]> copies = new TreeMap<>();
    tensors.asMap().forEach((name, tensor) -> copies.put(name, tensor.values().clone()));
    return copies;
  }

  private static void assertSame(Map<String, float[]> expected, NamedTensors actual) {
    assertEquals(expected.keySet(), actual.names());
    expected.forEach(
        (name, values) -> {
          float[] others = actual.get(name).values();
          for (int i = 0; i < values.length; i++) {
            assertEquals(
                Float.floatToRawIntBits(values[i]),
                Float.floatToRawIntBits(others[i]),
                name + " at " + i);
          }
        });
  }

  @ParameterizedTest
  @CsvSource({
    "1e-4, 0.9, 0.999, 1e-8, 1e-4, 1, 1",
    "3e-3, 0.5, 0.99, 1e-12, 0, 1e9, 2",
    "0.1, 0, 0, 1e-3, 0.3, 0.01, 3"
  })
  void shouldGiveTheBitsOfTheOracle(
      double rate, double beta1, double beta2, double epsilon, double decay, double limit, int n) {
    AdamConfig config = new AdamConfig(rate, beta1, beta2, epsilon, decay);
    NamedTensors start = random(1);
    Optimizer optimizer = new Optimizer(parameters(), start, config, limit, 0.95, n);
    SortedMap<String, float[]> weights = copies(start);
    Adam adam = new Adam(config, start);
    Ema ema = new Ema(0.95, n, start);

    for (int update = 0; update < 6; update++) {
      double factor = Math.min(1, (update + 1) / 3.0);
      SortedMap<String, float[]> sum = new TreeMap<>();
      for (int batch = 0; batch < update; batch++) { // the first update has none
        NamedTensors gradients = random(Math.pow(10, batch - 2));
        optimizer.add(gradients);
        copies(gradients).forEach((name, values) -> sum.merge(name, values, OptimizerTest::added));
      }
      if (sum.isEmpty()) {
        weights.forEach((name, values) -> sum.put(name, new float[values.length]));
      }
      double norm = GradientClip.clip(sum, limit);
      adam.step(weights, sum, factor);
      ema.update(adam.updates(), weights);

      double given = optimizer.step(factor);
      optimizer.average();

      if (Torch.device().isGpu()) {
        assertEquals(norm, given, 1e-12 * norm);
      } else {
        assertEquals(norm, given);
        assertSame(weights, optimizer.weights());
        assertSame(copies(ema.average()), optimizer.averaged());
        assertSame(copies(adam.state()), new NamedTensors(optimizer.state()).part("optimizer."));
      }
    }
    assertEquals(6, optimizer.updates());
  }

  private static float[] added(float[] a, float[] b) {
    float[] sum = new float[a.length];
    for (int i = 0; i < sum.length; i++) {
      sum[i] = a[i] + b[i];
    }
    return sum;
  }

  @Test
  void shouldGoOnWithTheSameBitsFromASavedState() {
    AdamConfig config = AdamConfig.adamW(1e-2);
    Optimizer straight = new Optimizer(parameters(), random(1), config, 1, 0.9, 1);
    straight.add(random(1));
    straight.step(1);
    straight.average();
    Optimizer resumed = new Optimizer(parameters(), random(1), config, 1, 0.9, 1);
    resumed.add(random(1)); // not of the state that it goes on from
    resumed.restore(new NamedTensors(straight.state()));
    NamedTensors gradients = random(1);
    for (Optimizer optimizer : new Optimizer[] {straight, resumed}) {
      optimizer.add(gradients);
      optimizer.step(1);
      optimizer.average();
    }
    assertEquals(
        new NamedTensors(straight.state()).contentHash(),
        new NamedTensors(resumed.state()).contentHash());
  }

  @Test
  void shouldTrainByWhatTheNetworkCollected() {
    NDArray weight = Host.toNative(scope, new float[] {1, 2, 3, 4}, 4);
    TrainedParameters parameters = new TrainedParameters("network");
    parameters.add("w", weight);
    parameters.train();
    Optimizer optimizer =
        new Optimizer(parameters, parameters.export(), AdamConfig.adamW(0.5), 100, 1, 1);
    for (int pass = 0; pass < 2; pass++) {
      Torch.withGradients(
          true,
          () -> {
            Autograd.backward(weight.mul(weight).sum());
            return null;
          });
      optimizer.collect();
    }
    assertArrayEquals(new float[4], parameters.gradients().get("w").values());
    // 2 * 2w
    assertEquals(Math.sqrt(16 + 64 + 144 + 256), optimizer.step(1), 1e-12);
    float[] after = Host.floats(weight);
    for (int i = 0; i < 4; i++) {
      double decayed = (i + 1) * (1 - 0.5 * 1e-4);
      assertEquals(decayed - 0.5, after[i], 1e-6, "a step of the rate downwards");
    }
  }

  @Test
  void shouldLeaveTheWeightsWhereAGradientIsNotFinite() {
    Optimizer optimizer = new Optimizer(parameters(), random(1), AdamConfig.adamW(1e-2), 1, 0.9, 1);
    String before = new NamedTensors(optimizer.state()).contentHash();
    NamedTensors gradients = random(1);
    gradients.get("large").values()[70_000] = Float.NaN;
    optimizer.add(gradients);

    String message = assertThrows(ArithmeticException.class, () -> optimizer.step(1)).getMessage();

    assertTrue(message.contains("the gradient of \"large\" is NaN at element 70000"), message);
    assertEquals(before, new NamedTensors(optimizer.state()).contentHash());
  }

  @Test
  void shouldLeaveTheWeightsWhereOneWouldNotBeFinite() {
    Optimizer optimizer =
        new Optimizer(
            parameters(), random(1), new AdamConfig(1e39, 0.9, 0.999, 1e-8, 0), 1, 0.9, 1);
    String before = optimizer.weights().contentHash();
    Map<String, Tensor> gradients = new TreeMap<>();
    SHAPES.forEach(
        (name, shape) ->
            gradients.put(name, new Tensor(shape, new float[NamedTensors.elements(shape)])));
    gradients.get("large").values()[80_000] = 1; // a weight that moves, by more than float32 holds
    optimizer.add(new NamedTensors(gradients));

    String message =
        assertThrows(IllegalArgumentException.class, () -> optimizer.step(1)).getMessage();

    assertTrue(message.contains("network weight \"large\" is -Infinity at element 80000"), message);
    assertEquals(before, optimizer.weights().contentHash());
  }

  @Test
  void shouldRefuseGradientsOfOtherWeights() {
    Optimizer optimizer = new Optimizer(parameters(), random(1), AdamConfig.adamW(1e-2), 1, 0.9, 1);
    Map<String, Tensor> gradients = new TreeMap<>(random(1).asMap());
    gradients.put("bias", new Tensor(new long[] {2}, new float[2]));
    String message =
        assertThrows(
                IllegalArgumentException.class, () -> optimizer.add(new NamedTensors(gradients)))
            .getMessage();
    assertTrue(message.contains("network gradient \"bias\" has shape [2], [7] is needed"), message);
    gradients.remove("bias");
    assertThrows(IllegalArgumentException.class, () -> optimizer.add(new NamedTensors(gradients)));
  }
}
