package io.atelier.rollout.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class StepKernelTest {
  private static final SigmaSchedule TEN = SigmaSchedule.shifted(10, 3, 1000);

  private NDManager scope;

  @BeforeEach
  void open() {
    scope = Torch.newScope();
    Torch.enter(false);
  }

  @AfterEach
  void close() {
    scope.close();
  }

  /** Worked out in double precision for x = 0.5, v = -0.3, noise = 0.25. */
  @ParameterizedTest
  @CsvSource({
    "SDE, 0.7, 0, 3.50567108, 0.38946121, 0.56446121, -0.59351359",
    "SDE, 0.7, 3, 1.71850029, 0.46719227, 0.57866655, -0.14252154",
    "SDE, 0.7, 8, 0.43441480, 0.55485234, 0.61119246, 0.53986548",
    "SDE, 0.7, 9, 0.06644106, 0.50223122, 0.50380074, 4.12050095",
    "CPS, 0.8, 0, 0.91313724, 0.18024469, 0.40852900, -0.05211373",
    "CPS, 0.8, 3, 0.75168490, 0.27044728, 0.45836851, -0.03531439",
    "CPS, 0.8, 8, 0.00849158, 0.57898754, 0.58111043, -4.51e-6",
    "CPS, 0.8, 9, 0, 0.50267857, 0.50267857, 0"
  })
  void shouldGiveTheWorkedNumbers(
      StepKind kind, double a, int step, double std, double mean, double next, double logProb) {
    StepKernel kernel = StepKernel.of(kind, TEN, step, a);
    NDArray means = kernel.mean(row(0.5f), row(-0.3f));
    NDArray drawn = kernel.next(means, row(0.25f));

    assertEquals(std, kernel.std(), 1e-6);
    assertEquals(mean, means.toFloatArray()[0], 1e-6);
    assertEquals(next, drawn.toFloatArray()[0], 1e-6);
    // The residual of the last SDE step is 0.0016, so rounding next to float32 shows at 1e-5.
    assertEquals(logProb, kernel.logProbs(means, drawn).toFloatArray()[0], step == 9 ? 2e-5 : 1e-6);
  }

  @ParameterizedTest
  @EnumSource(StepKind.class)
  void shouldBeEulersStepWithoutNoise(StepKind kind) {
    for (int step = 0; step < 10; step++) {
      StepKernel euler = StepKernel.of(StepKind.ODE, TEN, step, 0);
      StepKernel kernel = StepKernel.of(kind, TEN, step, 0);

      assertEquals(euler.sampleScale(), kernel.sampleScale(), 1e-12);
      assertEquals(euler.velocityScale(), kernel.velocityScale(), 1e-12);
      assertEquals(0, kernel.noiseScale());
    }
  }

  @Test
  void shouldKeepTheTotalNoiseAtTheLevelForCps() {
    for (int step = 0; step < 10; step++) {
      StepKernel kernel = StepKernel.of(StepKind.CPS, TEN, step, 0.8);
      // x = noise and v = noise: all that is left of the old noise.
      double kept = kernel.sampleScale() * kernel.now() + kernel.velocityScale();
      assertEquals(
          kernel.after() * kernel.after(),
          kept * kept + kernel.noiseScale() * kernel.noiseScale(),
          1e-9);
    }
  }

  /** With the exact velocity of N(m, c^2) data, many small SDE steps keep the marginals. */
  @ParameterizedTest
  @CsvSource({"0.3", "0.7", "1.0"})
  void shouldKeepTheMarginalsOfAGaussianForAnyNoiseLevel(double a) {
    double m = 0.6;
    double c = 0.5;
    int samples = 4_000;
    SigmaSchedule schedule = SigmaSchedule.shifted(1_000, 1, 100_000);
    GroupNoise noise = new GroupNoise(7);
    float[] x = noise.normals(Purpose.INITIAL_LATENT, new GroupId(0, 0), 0, 1, samples);
    float[] v = new float[samples];
    for (int step = 0; step < schedule.steps(); step++) {
      StepKernel kernel = StepKernel.of(StepKind.SDE, schedule, step, a);
      double sigma = kernel.now();
      double variance = (1 - sigma) * (1 - sigma) * c * c + sigma * sigma;
      double slope = (sigma - (1 - sigma) * c * c) / variance;
      for (int i = 0; i < samples; i++) {
        v[i] = (float) (slope * (x[i] - (1 - sigma) * m) - m);
      }
      float[] drawn = noise.normals(Purpose.STEP_NOISE, new GroupId(0, 0), step, 1, samples);
      NDArray next = kernel.next(kernel.mean(row(x), row(v)), row(drawn));
      x = next.toFloatArray();
    }
    double sum = 0;
    double squares = 0;
    for (float value : x) {
      sum += value;
      squares += (double) value * value;
    }
    double mean = sum / samples;
    assertEquals(m, mean, 5 * c / Math.sqrt(samples));
    assertEquals(
        c * c, squares / samples - mean * mean, 5 * c * c * Math.sqrt(2.0 / samples) + 0.005);
  }

  @ParameterizedTest
  @EnumSource(
      value = StepKind.class,
      names = {"SDE", "CPS"})
  void shouldGiveTheGradientThatDifferencesShow(StepKind kind) {
    StepKernel kernel = StepKernel.of(kind, TEN, 2, 0.7);
    float[] x = {0.5f, -1f, 0.25f};
    float[] v = {-0.25f, 0.75f, 1f};
    float[] next = {0.375f, -0.5f, 0.5f};
    double[] gradient =
        kernel
            .logProbGradient(kernel.mean(row(x), row(v)), row(next), new double[] {2})
            .toDoubleArray();
    for (int i = 0; i < 3; i++) {
      float[] up = v.clone();
      float[] down = v.clone();
      up[i] += 0.0625f;
      down[i] -= 0.0625f;
      double difference = (logProb(kernel, x, up, next) - logProb(kernel, x, down, next)) / 0.125;
      assertEquals(2 * difference, gradient[i], 1e-5);
    }
  }

  private float logProb(StepKernel kernel, float[] x, float[] v, float[] next) {
    return kernel.logProbs(kernel.mean(row(x), row(v)), row(next)).toFloatArray()[0];
  }

  /** A batch of one latent. */
  private NDArray row(float... values) {
    return Host.toNative(scope, values, 1, 1, 1, values.length);
  }

  @Test
  void shouldRefuseALogProbabilityWithoutNoise() {
    NDArray one = row(1);
    assertThrows(
        IllegalStateException.class,
        () -> StepKernel.of(StepKind.SDE, TEN, 1, 0).logProbs(one, one));
    assertThrows(
        IllegalStateException.class,
        () -> StepKernel.of(StepKind.ODE, TEN, 1, 0).logProbs(one, one));
  }

  @Test
  void shouldDrawTheWindowOncePerStepFromItsRange() {
    TrainedWindow window = new TrainedWindow(2, 1, 5);
    GroupNoise noise = new GroupNoise(11);
    int[] counts = new int[5];
    for (int step = 0; step < 300; step++) {
      assertEquals(window.start(noise, step), window.start(noise, step));
      counts[window.start(noise, step)]++;
    }
    assertEquals(0, counts[0]);
    for (int start = 1; start <= 3; start++) {
      assertEquals(100, counts[start], 40);
    }
    assertEquals(0, TrainedWindow.first(3).start(noise, 4));
    assertThrows(IllegalArgumentException.class, () -> new TrainedWindow(3, 0, 2));
  }
}
