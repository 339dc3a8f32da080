package io.atelier.tests.learner;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import io.atelier.learner.loss.Clip;
import io.atelier.learner.loss.KlPenalty;
import io.atelier.learner.loss.LossConfig;
import io.atelier.learner.loss.LossTerms;
import io.atelier.learner.loss.Staleness;
import io.atelier.learner.loss.StepLoss;
import io.atelier.learner.loss.StepSamples;
import io.atelier.learner.loss.Surrogate;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.rollout.flow.SigmaSchedule;
import io.atelier.rollout.flow.StepKernel;
import io.atelier.rollout.flow.StepKind;
import io.atelier.tests.rollout.JavaStep;
import io.atelier.tests.toy.NativeScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Loss and gradient have the bits of plain Java, one element after the other, on the CPU. */
class StepLossTest extends NativeScope {
  private static final SigmaSchedule TEN = SigmaSchedule.shifted(10, 3, 1000);
  private static final double WEIGHT = 1.0 / 24;
  private static final int BATCH = 4;
  private static final int ELEMENTS = 333;

  private final Random random = new Random(3);
  private final float[] x = normals();
  private final float[] v = normals();
  private final float[] after = normals();
  private final float[] reference = normals();
  private final float[] oldMean = normals();
  private final double[] advantages = {1.25, -0.5, 0, -2};

  @ParameterizedTest
  @CsvSource({
    "CPS, NONE, VELOCITY, 0, false",
    "CPS, NONE, PLAIN, 0.5, false",
    "SDE, NONE, VELOCITY, 0, false",
    "SDE, DECOUPLED, VELOCITY, 0, false",
    "SDE, TRUNCATED, GAUSSIAN, 0.04, false",
    "SDE, NONE, FLOW_GRPO, 0.04, false",
    "SDE, NONE, WAN, 0.004, true",
    "SDE, NONE, VELOCITY, 0, true"
  })
  void shouldGiveTheBitsOfJava(
      StepKind kind, Staleness staleness, KlPenalty kl, double klWeight, boolean guard) {
    StepKernel kernel = StepKernel.of(kind, TEN, 2, 0.7);
    LossConfig config = new LossConfig(Clip.of(0.01), kl, klWeight, guard, staleness, 2);
    float[] old = new float[BATCH];
    float[] proximal = new float[BATCH];
    for (int i = 0; i < BATCH; i++) {
      float own = new JavaStep(kernel).logProb(x, v, after, i * ELEMENTS, ELEMENTS);
      old[i] = own + 0.02f * (i - 1);
      proximal[i] = own - 0.01f * i;
    }
    StepSamples samples =
        new StepSamples(
            kernel,
            latents(x),
            latents(after),
            latents(v),
            config.needsReference() ? Optional.of(latents(reference)) : Optional.empty(),
            config.needsMeans() ? Optional.of(latents(oldMean)) : Optional.empty(),
            old,
            proximal,
            advantages);
    StepLoss.Outcome outcome = new StepLoss(config).of(samples, WEIGHT);

    double[] gradient = new double[x.length];
    List<LossTerms> terms = java(config, kernel, old, proximal, gradient);
    double[] actual = Host.doubles(outcome.gradient());
    double largest = Arrays.stream(gradient).map(Math::abs).max().orElseThrow();
    assertTrue(largest > 0, "every sample is clipped");
    if (Torch.device().isGpu()) {
      assertArrayEquals(gradient, actual, 1e-6 * largest);
    } else {
      assertEquals(terms, outcome.terms());
      assertArrayEquals(gradient, actual);
    }
  }

  private List<LossTerms> java(
      LossConfig config, StepKernel kernel, float[] old, float[] proximal, double[] gradient) {
    JavaStep step = new JavaStep(kernel);
    List<LossTerms> all = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      int at = i * ELEMENTS;
      float logProb = step.logProb(x, v, after, at, ELEMENTS);
      double change = (double) logProb - old[i];
      Surrogate surrogate =
          config.guard()
              ? guarded(config, step, i, change, gradient)
              : surrogate(config, logProb, old[i], proximal[i], advantages[i]);
      if (!config.guard()) {
        step.addLogProbGradient(x, v, after, at, ELEMENTS, WEIGHT * surrogate.slope(), gradient);
      }
      double penalty = config.needsReference() ? penalty(config, kernel, at, gradient) : 0;
      double loss = surrogate.loss();
      all.add(
          new LossTerms(
              config.needsReference() ? loss + config.klWeight() * penalty : loss,
              loss,
              penalty,
              logProb,
              surrogate.ratio(),
              change * change / 2,
              surrogate.ratio() - 1 > config.clip().high(),
              1 - surrogate.ratio() > config.clip().low()));
    }
    return all;
  }

  private static Surrogate surrogate(
      LossConfig config, float logProb, float old, float proximal, double advantage) {
    double change = (double) logProb - old;
    return switch (config.staleness()) {
      case NONE -> Surrogate.clipped(change, advantage, config.clip());
      case DECOUPLED ->
          Surrogate.decoupled(
              (double) logProb - proximal, (double) proximal - old, advantage, config.clip());
      case TRUNCATED ->
          Surrogate.truncated(change, advantage, config.clip(), config.stalenessCap());
    };
  }

  private Surrogate guarded(
      LossConfig config, JavaStep step, int sample, double change, double[] gradient) {
    int at = sample * ELEMENTS;
    double w = step.kernel().noiseScale();
    double squares = 0;
    for (int i = at; i < at + ELEMENTS; i++) {
      double moved = (double) step.mean(x, v, i) - oldMean[i];
      squares += moved * moved;
    }
    double bias = squares / ELEMENTS / (2 * w * w);
    Surrogate inner = Surrogate.clipped((change + bias) * w, advantages[sample], config.clip());
    double scale = 1 / -step.kernel().dt();
    double slope = WEIGHT * scale * inner.slope() * w;
    step.addLogProbGradient(x, v, after, at, ELEMENTS, slope, gradient);
    double factor = slope * step.kernel().velocityScale() / (w * w * ELEMENTS);
    for (int i = at; i < at + ELEMENTS; i++) {
      gradient[i] += factor * ((double) step.mean(x, v, i) - oldMean[i]);
    }
    return new Surrogate(scale * inner.loss(), scale * inner.slope(), inner.ratio());
  }

  private double penalty(LossConfig config, StepKernel kernel, int at, double[] gradient) {
    double factor = config.kl().factor(kernel) / ELEMENTS;
    double slope = 2 * factor * WEIGHT * config.klWeight();
    double squares = 0;
    for (int i = at; i < at + ELEMENTS; i++) {
      double difference = (double) v[i] - reference[i];
      squares += difference * difference;
      gradient[i] += slope * difference;
    }
    return factor * squares;
  }

  private NDArray latents(float[] values) {
    return Host.toNative(scope, values, BATCH, 3, 1, ELEMENTS / 3);
  }

  private float[] normals() {
    float[] values = new float[BATCH * ELEMENTS];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
