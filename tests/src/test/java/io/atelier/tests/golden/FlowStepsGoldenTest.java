package io.atelier.tests.golden;

import static io.atelier.tests.golden.Golden.assertClose;
import static io.atelier.tests.golden.Golden.assertCloseRelative;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.rollout.flow.SigmaSchedule;
import io.atelier.rollout.flow.StepKernel;
import io.atelier.rollout.flow.StepKind;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("golden")
class FlowStepsGoldenTest {
  private static final double STEP = 2e-6;

  private final JsonNode config = Golden.json("flow", "case.json");
  private final SafetensorsFile file = Golden.tensors("flow", "steps.safetensors");
  private final SigmaSchedule schedule =
      SigmaSchedule.shifted(config.get("steps").asInt(), config.get("shift").asDouble(), 1000);
  private final int batch = (int) file.info("x").shape()[0];
  private final NDManager scope = Torch.newScope();
  private final NDArray x = latents(file.floats("x"));
  private final NDArray v = latents(file.floats("v"));
  private final NDArray other = latents(file.floats("v_other"));
  private final NDArray noise = latents(file.floats("noise"));

  @BeforeEach
  void enter() {
    Torch.enter(false);
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private NDArray latents(float[] values) {
    return Host.toNative(scope, values, batch, 1, 1, values.length / batch);
  }

  private static String key(StepKind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private StepKernel kernel(StepKind kind, int step) {
    double level = config.get("noise_level").path(key(kind)).asDouble();
    return StepKernel.of(kind, schedule, step, level);
  }

  private float[] row(String name, int step) {
    float[] all = file.floats(name);
    int length = all.length / schedule.steps();
    return Arrays.copyOfRange(all, step * length, (step + 1) * length);
  }

  private float[] logProbs(StepKernel kernel, NDArray velocity, float[] next) {
    return Host.floats(kernel.logProbs(kernel.mean(x, velocity), latents(next)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sd3-tiny", "sd35-tiny"})
  void shouldHaveTheNoiseLevelsOfDiffusers(String model) {
    JsonNode expected = Golden.json(model, "expected", "sigmas.json");
    expected
        .get("tables")
        .properties()
        .forEach(
            entry -> {
              SigmaSchedule own =
                  SigmaSchedule.shifted(
                      Integer.parseInt(entry.getKey()), expected.get("shift").asDouble(), 1000);
              JsonNode sigmas = entry.getValue().get("sigmas");
              JsonNode timesteps = entry.getValue().get("timesteps");
              for (int i = 0; i <= own.steps(); i++) {
                assertEquals((float) sigmas.get(i).asDouble(), own.sigma(i));
              }
              for (int i = 0; i < own.steps(); i++) {
                assertEquals((float) timesteps.get(i).asDouble(), own.timestep(i));
              }
            });
  }

  @Test
  void shouldHaveTheNoiseLevelsOfTheCase() {
    assertClose("sigmas", file.floats("sigmas"), schedule.sigmas(), 0);
  }

  @Test
  void shouldTakeEulersStep() {
    for (int step = 0; step < schedule.steps(); step++) {
      StepKernel kernel = kernel(StepKind.ODE, step);
      float[] next = Host.floats(kernel.next(kernel.mean(x, v), noise));
      assertClose("step " + step, row("euler.next", step), next, STEP);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = StepKind.class,
      names = {"SDE", "CPS"})
  void shouldTakeStochasticSteps(StepKind kind) {
    String k = key(kind);
    for (int step = 0; step < schedule.steps(); step++) {
      StepKernel kernel = kernel(kind, step);
      NDArray means = kernel.mean(x, v);
      float[] mean = Host.floats(means);
      float[] next = Host.floats(kernel.next(means, noise));
      String what = kind + " step " + step;
      assertEquals(file.floats(k + ".std")[step], kernel.std(), STEP, what);
      assertEquals(file.floats(k + ".scale")[step], kernel.noiseScale(), STEP, what);
      assertClose(what, row(k + ".mean", step), mean, STEP);
      assertClose(what, row(k + ".next", step), next, STEP);
      float[] stored = row(k + ".next", step);
      assertClose(what, row(k + ".logp", step), logProbs(kernel, v, stored), STEP);
      float[] expected = row(k + ".other.logp", step);
      // Far from its mean a sample has log-probabilities of some hundred: float32 resolves less.
      double resolution = 1e-6 * largest(expected);
      assertClose(what, expected, logProbs(kernel, other, stored), STEP + resolution);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = StepKind.class,
      names = {"SDE", "CPS"})
  void shouldGiveTheGradientsOfTheLogProbability(StepKind kind) {
    int checked = 0;
    for (int step = 0; step < schedule.steps(); step++) {
      if (!file.names().contains(key(kind) + ".grad." + step)) {
        continue;
      }
      checked++;
      checkGradient(kind, step, v, key(kind) + ".grad." + step);
      checkGradient(kind, step, other, key(kind) + ".other.grad." + step);
    }
    assertTrue(checked > 0, "no gradients in " + file.path());
  }

  private void checkGradient(StepKind kind, int step, NDArray velocity, String name) {
    StepKernel kernel = kernel(kind, step);
    NDArray stored = latents(row(key(kind) + ".next", step));
    double[] upstream = new double[batch];
    Arrays.fill(upstream, 1);
    NDArray gradient = kernel.logProbGradient(kernel.mean(x, velocity), stored, upstream);
    float[] expected = file.floats(name);
    float[] actual = floats(Host.doubles(gradient));
    if (largest(expected) < 1e-6) {
      assertClose(name, expected, actual, 1e-9); // nothing but rounding: no noise in this step
    } else {
      assertCloseRelative(name, expected, actual, step == schedule.steps() - 1 ? 1e-3 : 1e-4);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = StepKind.class,
      names = {"SDE", "CPS"})
  void shouldTakeADifferentStepForEachSample(StepKind kind) {
    long[] steps = file.longs("mixed.index");
    float[] next = new float[Math.toIntExact(x.size())];
    float[] logProb = new float[batch];
    int elements = next.length / batch;
    for (int i = 0; i < batch; i++) {
      StepKernel kernel = kernel(kind, (int) steps[i]);
      NDArray mean = kernel.mean(x, v);
      NDArray drawn = kernel.next(mean, noise);
      System.arraycopy(Host.floats(drawn), i * elements, next, i * elements, elements);
      logProb[i] = Host.floats(kernel.logProbs(mean, drawn))[i];
    }
    assertClose(kind + " mixed", file.floats(key(kind) + ".mixed.next"), next, STEP);
    assertClose(kind + " mixed", file.floats(key(kind) + ".mixed.logp"), logProb, STEP);
  }

  static float[] floats(double[] values) {
    float[] result = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      result[i] = (float) values[i];
    }
    return result;
  }

  static double largest(float[] values) {
    double largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }
}
