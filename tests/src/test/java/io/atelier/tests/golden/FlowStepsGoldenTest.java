package io.atelier.tests.golden;

import static io.atelier.tests.golden.Golden.assertClose;
import static io.atelier.tests.golden.Golden.assertCloseRelative;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.rollout.flow.SigmaSchedule;
import io.atelier.rollout.flow.StepKernel;
import io.atelier.rollout.flow.StepKind;
import java.util.Arrays;
import java.util.Locale;
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
  private final float[] x = file.floats("x");
  private final float[] v = file.floats("v");
  private final float[] other = file.floats("v_other");
  private final float[] noise = file.floats("noise");
  private final int batch = (int) file.info("x").shape()[0];
  private final int elements = x.length / batch;

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

  private float[] logProbs(StepKernel kernel, float[] velocity, float[] next) {
    float[] values = new float[batch];
    for (int i = 0; i < batch; i++) {
      values[i] = kernel.logProb(x, velocity, next, i * elements, elements);
    }
    return values;
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
    float[] next = new float[x.length];
    for (int step = 0; step < schedule.steps(); step++) {
      kernel(StepKind.ODE, step).next(x, v, noise, 0, x.length, next);
      assertClose("step " + step, row("euler.next", step), next, STEP);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = StepKind.class,
      names = {"SDE", "CPS"})
  void shouldTakeStochasticSteps(StepKind kind) {
    String k = key(kind);
    float[] mean = new float[x.length];
    float[] next = new float[x.length];
    for (int step = 0; step < schedule.steps(); step++) {
      StepKernel kernel = kernel(kind, step);
      kernel.mean(x, v, 0, x.length, mean);
      kernel.next(x, v, noise, 0, x.length, next);
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

  private void checkGradient(StepKind kind, int step, float[] velocity, String name) {
    StepKernel kernel = kernel(kind, step);
    float[] stored = row(key(kind) + ".next", step);
    double[] gradient = new double[x.length];
    for (int i = 0; i < batch; i++) {
      kernel.addLogProbGradient(x, velocity, stored, i * elements, elements, 1, gradient);
    }
    float[] expected = file.floats(name);
    float[] actual = floats(gradient);
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
    float[] next = new float[x.length];
    float[] logProb = new float[batch];
    for (int i = 0; i < batch; i++) {
      StepKernel kernel = kernel(kind, (int) steps[i]);
      kernel.next(x, v, noise, i * elements, elements, next);
      logProb[i] = kernel.logProb(x, v, next, i * elements, elements);
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
