package io.atelier.tests.golden;

import static io.atelier.tests.golden.Golden.assertClose;
import static io.atelier.tests.golden.Golden.assertCloseRelative;
import static io.atelier.tests.golden.Golden.scalar;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.learner.loss.Clip;
import io.atelier.learner.loss.KlPenalty;
import io.atelier.learner.loss.LossConfig;
import io.atelier.learner.loss.LossTerms;
import io.atelier.learner.loss.Staleness;
import io.atelier.learner.loss.StepLoss;
import io.atelier.learner.loss.StepSamples;
import io.atelier.learner.loss.Surrogate;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.rollout.flow.SigmaSchedule;
import io.atelier.rollout.flow.StepKernel;
import io.atelier.rollout.flow.StepKind;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("golden")
class LossGoldenTest {
  private static final float[] NONE = {};

  private final NDManager scope = Torch.newScope();
  private final JsonNode config = Golden.json("flow", "case.json");
  private final SigmaSchedule schedule =
      SigmaSchedule.shifted(config.get("steps").asInt(), config.get("shift").asDouble(), 1000);

  @BeforeEach
  void enter() {
    Torch.enter(false);
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private NDArray latents(float[] values, int batch) {
    return Host.toNative(scope, values, batch, 1, 1, values.length / batch);
  }

  @Test
  void shouldGiveTheClippedLoss() {
    SafetensorsFile file = Golden.tensors("flow", "loss.safetensors");
    for (JsonNode one : config.get("loss")) {
      String key = one.get("key").asText();
      float[] logp = file.floats(key + ".logp");
      float[] old = file.floats(key + ".old");
      float[] advantage = file.floats(key + ".advantage");
      double limit = one.get("advantage_limit").asDouble();
      Clip clip = new Clip(one.get("clip_low").asDouble(), one.get("clip_high").asDouble());
      int n = logp.length;
      float[] ratio = new float[n];
      float[] slope = new float[n];
      double loss = 0;
      double approxKl = 0;
      double above = 0;
      double below = 0;
      for (int i = 0; i < n; i++) {
        double a = Math.max(-limit, Math.min(limit, advantage[i]));
        double change = (double) logp[i] - old[i];
        Surrogate surrogate = Surrogate.clipped(change, a, clip);
        ratio[i] = (float) surrogate.ratio();
        slope[i] = (float) (surrogate.slope() / n);
        loss += surrogate.loss() / n;
        approxKl += change * change / 2 / n;
        above += surrogate.ratio() - 1 > clip.high() ? 1.0 / n : 0;
        below += 1 - surrogate.ratio() > clip.low() ? 1.0 / n : 0;
      }
      assertClose(key, file.floats(key + ".ratio"), ratio, 1e-6);
      assertCloseRelative(key, file.floats(key + ".grad"), slope, 1e-4);
      assertEquals(scalar(file, key + ".loss"), loss, 1e-6, key);
      float kl = scalar(file, key + ".approx_kl");
      assertEquals(kl, approxKl, 1e-5 * Math.max(Math.abs(kl), 1e-6), key);
      assertEquals(scalar(file, key + ".clipfrac_gt_one"), above, 1e-6, key);
      assertEquals(scalar(file, key + ".clipfrac_lt_one"), below, 1e-6, key);
      assertEquals(scalar(file, key + ".clipfrac"), above + below, 1e-6, key);
    }
  }

  @Test
  void shouldGiveEveryKindOfPenalty() {
    SafetensorsFile file = Golden.tensors("flow", "steps.safetensors");
    int batch = (int) file.info("x").shape()[0];
    int checked = 0;
    for (StepKind kind : new StepKind[] {StepKind.SDE, StepKind.CPS}) {
      String prefix = kind.name().toLowerCase(Locale.ROOT);
      double level = config.get("noise_level").get(prefix).asDouble();
      for (KlPenalty penalty : KlPenalty.values()) {
        boolean velocity = penalty == KlPenalty.VELOCITY;
        String name =
            velocity ? "kl.velocity" : prefix + ".kl." + penalty.name().toLowerCase(Locale.ROOT);
        if (!file.names().contains(name)) {
          assertTrue(kind == StepKind.CPS && penalty.usesVariance(), name + " is missing");
          continue;
        }
        float[] expected = file.floats(name);
        for (int step = 0; step < schedule.steps(); step++) {
          StepKernel kernel = StepKernel.of(kind, schedule, step, level);
          float[] row =
              velocity ? expected : Arrays.copyOfRange(expected, step * batch, (step + 1) * batch);
          if (kernel.noiseScale() == 0) {
            continue; // a deterministic step is never trained
          }
          NDArray x = latents(file.floats("x"), batch);
          StepSamples samples =
              new StepSamples(
                  kernel,
                  x,
                  x,
                  latents(file.floats("v"), batch),
                  Optional.of(latents(file.floats("v_other"), batch)),
                  Optional.empty(),
                  new float[batch],
                  NONE,
                  new double[batch]);
          List<LossTerms> terms = new StepLoss(config(penalty)).of(samples, 1).terms();
          float[] actual = new float[batch];
          for (int i = 0; i < batch; i++) {
            actual[i] = (float) terms.get(i).kl();
          }
          assertCloseRelative(name + " at step " + step, row, actual, 1e-4);
          checked++;
        }
      }
    }
    assertTrue(checked > schedule.steps());
  }

  private static LossConfig config(KlPenalty penalty) {
    return new LossConfig(Clip.of(1e-4), penalty, 1, false, Staleness.NONE, 0);
  }

  @Test
  void shouldGiveTheGuardedLossAndItsGradient() {
    SafetensorsFile file = Golden.tensors("flow", "guard.safetensors");
    for (JsonNode one : config.get("guard")) {
      String key = one.get("key").asText();
      StepKernel kernel =
          StepKernel.of(
              StepKind.SDE, schedule, one.get("step").asInt(), one.get("noise_level").asDouble());
      LossConfig loss =
          new LossConfig(
              Clip.of(one.get("clip").asDouble()), KlPenalty.PLAIN, 0, true, Staleness.NONE, 0);
      float[] advantage = file.floats(key + ".advantage");
      int batch = advantage.length;
      StepSamples samples =
          new StepSamples(
              kernel,
              latents(file.floats(key + ".x"), batch),
              latents(file.floats(key + ".next"), batch),
              latents(file.floats(key + ".v"), batch),
              Optional.empty(),
              Optional.of(latents(file.floats(key + ".mean_old"), batch)),
              file.floats(key + ".logp_old"),
              NONE,
              IntStream.range(0, batch).mapToDouble(i -> advantage[i]).toArray());
      StepLoss.Outcome outcome = new StepLoss(loss).of(samples, 1.0 / batch);
      double[] gradient = Host.doubles(outcome.gradient());
      float[] ratio = new float[batch];
      float[] logProb = new float[batch];
      double total = 0;
      for (int i = 0; i < batch; i++) {
        LossTerms terms = outcome.terms().get(i);
        ratio[i] = (float) terms.ratio();
        logProb[i] = terms.logProb();
        total += terms.loss() / batch;
      }
      assertClose(key + ".logp", file.floats(key + ".logp"), logProb, 2e-6);
      assertClose(key + ".ratio", file.floats(key + ".ratio"), ratio, 1e-6);
      float expected = scalar(file, key + ".loss");
      assertEquals(expected, total, 2e-6 * Math.max(1, Math.abs(expected)), key + ".loss");
      assertCloseRelative(
          key + ".grad", file.floats(key + ".grad"), FlowStepsGoldenTest.floats(gradient), 1e-4);
    }
  }
}
