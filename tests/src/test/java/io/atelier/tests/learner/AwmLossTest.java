package io.atelier.tests.learner;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import io.atelier.learner.loss.AwmConfig;
import io.atelier.learner.loss.AwmLoss;
import io.atelier.learner.loss.Clip;
import io.atelier.learner.loss.LossTerms;
import io.atelier.learner.loss.MatchingSamples;
import io.atelier.learner.loss.StepLoss;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.rollout.flow.ForwardTimes;
import io.atelier.tests.toy.NativeScope;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AwmLossTest extends NativeScope {
  private static final ForwardTimes TIMES = new ForwardTimes(1, 0, 1);

  private static AwmConfig config(double power, double timePower, double range, double kl) {
    return new AwmConfig(TIMES, power, timePower, Clip.of(range), kl);
  }

  private NDArray latents(int batch, float... values) {
    return Host.toNative(scope, values, batch, 1, 1, values.length / batch);
  }

  /**
   * Errors (2, 0) and (1, 0) have the means 2 and 0.5. The first log-probability rose by 0.1, which
   * is the ratio e^0.1.
   */
  @Test
  void shouldGiveNumbersByHand() {
    MatchingSamples samples =
        new MatchingSamples(
            0.5,
            latents(2, 1, -1, 0, 2),
            latents(2, 3, -1, 1, 2),
            Optional.of(latents(2, 1, -1, 1, 2)),
            new float[] {-2.1f, -0.5f},
            new double[] {1, -2});
    StepLoss.Outcome outcome = new AwmLoss(config(1, 0, 1, 0.1)).of(samples, 0.5);

    LossTerms first = outcome.terms().get(0);
    assertEquals(-2, first.logProb(), 1e-6);
    assertEquals(1.105171, first.ratio(), 1e-6);
    assertEquals(-1.105171, first.policy(), 1e-6);
    assertEquals(2, first.kl(), 1e-9, "(2, 0) from the reference");
    assertEquals(-0.905171, first.loss(), 1e-6);
    assertEquals(2, outcome.terms().get(1).loss(), 1e-6);
    // Of the first: 0.5 * -1.105171 * (-2, 0) + 0.1 * 0.5 * (2, 0); of the second 0.5 * 2 * (-1,
    // 0).
    assertArrayEquals(new double[] {1.205171, 0, -1, 0}, Host.doubles(outcome.gradient()), 1e-6);
  }

  /** With power 1/4 an error of 2 counts as 4 (2^0.25 - 1e-2.5), times sigma = 0.5. */
  @Test
  void shouldWeighErrorsByPowerAndLevel() {
    NDArray target = latents(2, 1, -1, 0, 2);
    NDArray velocity = latents(2, 3, -1, 1, 2);
    AwmLoss loss = new AwmLoss(config(0.25, 1, 1, 0));
    assertArrayEquals(
        new float[] {-2.372090f, -1.675468f}, loss.logProbs(0.5, target, velocity), 2e-6f);
    MatchingSamples samples =
        new MatchingSamples(
            0.5, target, velocity, Optional.empty(), new float[0], new double[] {1, 1});
    // -A times -2 * 0.5 * 2^-0.75 * (2, 0) / 2, and 0.5^-0.75 of the second.
    assertArrayEquals(
        new double[] {0.594604, 0, 0.840896, 0},
        Host.doubles(loss.of(samples, 1).gradient()),
        1e-6);
  }

  @Test
  void shouldHaveARatioOfExactlyOneWhereThePolicyHasNotMoved() {
    MatchingSamples samples =
        new MatchingSamples(
            0.7,
            latents(1, 1, 2, 3),
            latents(1, 0.1f, 0.2f, 0.7f),
            Optional.empty(),
            new float[0],
            new double[] {2});
    LossTerms terms = new AwmLoss(config(0.5, 1, 0, 0)).of(samples, 1).terms().get(0);
    assertEquals(1, terms.ratio());
    assertEquals(-2, terms.loss());
  }

  @Test
  void shouldStopWhereTheMoveIsOutOfRangeAndWanted() {
    MatchingSamples samples =
        new MatchingSamples(
            0.7,
            latents(2, 1, 1, 1, 1),
            latents(2, 0, 0, 0, 0),
            Optional.empty(),
            new float[] {-1.5f, -1.5f},
            new double[] {1, -1});
    StepLoss.Outcome outcome = new AwmLoss(config(1, 0, 0.2, 0)).of(samples, 1);
    assertTrue(outcome.terms().stream().allMatch(LossTerms::above));
    double[] gradient = Host.doubles(outcome.gradient());
    assertEquals(0, gradient[0]);
    assertEquals(1.648721, gradient[2], 1e-6, "the unwanted move comes back");
  }

  /**
   * Loss and gradient have the bits of plain Java on the CPU, and the gradient is that of the loss.
   */
  @ParameterizedTest
  @CsvSource({"1, 0, 0", "1, 1, 0.5", "0.25, 1, 0", "0.5, 2, 0.003"})
  void shouldGiveTheGradientOfItsLoss(double power, double timePower, double kl) {
    Random random = new Random(5);
    int batch = 3;
    int elements = 7;
    float[] target = normals(random, batch * elements);
    float[] velocity = normals(random, batch * elements);
    float[] reference = normals(random, batch * elements);
    double[] advantages = {1.5, -0.5, -1};
    AwmConfig config = config(power, timePower, 1, kl);
    AwmLoss loss = new AwmLoss(config);
    float[] old =
        loss.logProbs(0.6, latents(batch, target), latents(batch, normals(random, target.length)));
    for (int i = 0; i < batch; i++) {
      old[i] =
          0.2f * old[i]
              + 0.8f * loss.logProbs(0.6, latents(batch, target), latents(batch, velocity))[i];
    }
    double[] gradient =
        Host.doubles(
            loss.of(samples(batch, target, velocity, reference, old, advantages, kl), 0.25)
                .gradient());
    double[] own = new double[target.length];
    java(config, batch, target, velocity, reference, old, advantages, own);
    if (!Torch.device().isGpu()) {
      assertArrayEquals(own, gradient);
    }
    for (int i = 0; i < velocity.length; i++) {
      float[] up = velocity.clone();
      float[] down = velocity.clone();
      up[i] += 0.01f;
      down[i] -= 0.01f;
      double higher = java(config, batch, target, up, reference, old, advantages, own);
      double lower = java(config, batch, target, down, reference, old, advantages, own);
      double slope = (higher - lower) / ((double) up[i] - down[i]);
      assertEquals(slope, gradient[i], 2e-4 + 1e-3 * Math.abs(slope), "element " + i);
    }
  }

  private MatchingSamples samples(
      int batch,
      float[] target,
      float[] velocity,
      float[] reference,
      float[] old,
      double[] advantages,
      double kl) {
    return new MatchingSamples(
        0.6,
        latents(batch, target),
        latents(batch, velocity),
        kl > 0 ? Optional.of(latents(batch, reference)) : Optional.empty(),
        old,
        advantages);
  }

  /** A quarter of the sum of the losses; writes its gradient. */
  private static double java(
      AwmConfig config,
      int batch,
      float[] target,
      float[] velocity,
      float[] reference,
      float[] old,
      double[] advantages,
      double[] gradient) {
    int elements = target.length / batch;
    double p = config.power();
    double level = StrictMath.pow(0.6, config.timePower());
    double loss = 0;
    for (int b = 0; b < batch; b++) {
      double squares = 0;
      double distance = 0;
      for (int i = b * elements; i < (b + 1) * elements; i++) {
        double error = (double) velocity[i] - target[i];
        double moved = (double) velocity[i] - reference[i];
        squares += error * error;
        distance += moved * moved;
      }
      double error = squares / elements + 1e-10;
      double exact = -level * (StrictMath.pow(error, p) - StrictMath.pow(1e-10, p)) / p;
      double ratio = StrictMath.exp((double) (float) exact - old[b]);
      loss -= 0.25 * advantages[b] * StrictMath.exp(exact - old[b]);
      loss += 0.25 * config.klWeight() * distance / elements;
      double slope = 2 * (level * StrictMath.pow(error, p - 1)) / elements;
      double factor = 0.25 * (-advantages[b] * ratio) * slope;
      double pull = 2 * (1.0 / elements) * 0.25 * config.klWeight();
      for (int i = b * elements; i < (b + 1) * elements; i++) {
        gradient[i] = (double) (target[i] - velocity[i]) * factor;
        if (config.klWeight() > 0) {
          gradient[i] += ((double) velocity[i] - reference[i]) * pull;
        }
      }
    }
    return loss;
  }

  private static float[] normals(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  @Test
  void shouldRefuseSettingsThatHaveNoMeaning() {
    assertThrows(IllegalArgumentException.class, () -> config(0, 0, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> config(1.5, 0, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> config(1, -1, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> config(1, 0, 1, -0.1));
    assertThrows(IllegalArgumentException.class, () -> config(1, 0, 1, Double.NaN));
  }
}
