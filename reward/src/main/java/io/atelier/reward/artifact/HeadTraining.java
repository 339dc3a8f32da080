package io.atelier.reward.artifact;

import io.atelier.models.optim.AdamConfig;
import io.atelier.reward.adversarial.CriticConfig;
import io.atelier.reward.adversarial.CriticLoss;
import io.atelier.reward.adversarial.DiscriminatorLearner;
import io.atelier.reward.adversarial.DiscriminatorLearner.Gradient;
import io.atelier.reward.adversarial.DiscriminatorLearner.Side;
import io.atelier.reward.adversarial.FeatureBatch;
import io.atelier.reward.adversarial.Places;
import io.atelier.rollout.noise.Epochs;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.rollout.noise.RandomStream;
import java.util.List;
import java.util.Optional;

/**
 * Trains a head on pairs by AdamW. The loss is the negated {@link PairStatistics#likelihood}, with
 * normal noise on standardised features.
 *
 * @param steps optimizer steps, at least 1
 * @param batch pairs of each step, at least 1
 * @param rate step size of AdamW, positive
 * @param featureNoise standard deviation of the noise, 0 for none
 */
public record HeadTraining(int steps, int batch, double rate, double featureNoise) {

  /** Default settings, which train a head in seconds. */
  public static final HeadTraining DEFAULT = new HeadTraining(400, 64, 1e-3, 1);

  public HeadTraining {
    if (steps < 1 || batch < 1) {
      throw new IllegalArgumentException(
          "steps %d and batch %d must be at least 1".formatted(steps, batch));
    }
    config(rate, featureNoise);
  }

  /** Receives progress after each step. */
  public interface Progress {
    /**
     * @param step step, from 1
     * @param loss loss before the step
     */
    void step(int step, double loss);
  }

  private static CriticConfig config(double rate, double featureNoise) {
    return new CriticConfig(
        AdamConfig.adamW(rate),
        1,
        Optional.empty(),
        1,
        1,
        0,
        0,
        featureNoise,
        0,
        1,
        0,
        0,
        0,
        2,
        Optional.of(CriticLoss.CROSS_ENTROPY));
  }

  /**
   * Trains a new head.
   *
   * @param sets pairs, at least one set with at least one pair in each; every pair has the same
   *     weight
   * @param noise randomness of initial weights, order and feature noise
   */
  public ArtifactHead train(
      ArtifactHead.View view, List<PairSet> sets, GroupNoise noise, Progress progress) {
    FeatureBatch clean = FeatureBatch.concat(sets.stream().map(s -> s.clean().features()).toList());
    FeatureBatch damaged =
        FeatureBatch.concat(sets.stream().map(s -> s.damaged().features()).toList());
    ArtifactHead head =
        ArtifactHead.create(
            view,
            FeatureBatch.concat(List.of(clean, damaged)),
            noise.stream(Purpose.CRITIC_START, 0));
    try {
      DiscriminatorLearner learner =
          new DiscriminatorLearner(config(rate, featureNoise), head.discriminator());
      Epochs order = new Epochs(clean.count(), noise.stream(Purpose.CRITIC_UPDATE, 0));
      RandomStream onFeatures = noise.stream(Purpose.CRITIC_UPDATE, 1);
      for (int step = 1; step <= steps; step++) {
        int[] pairs = order.next(Math.min(batch, clean.count()));
        Gradient gradient =
            learner.gradient(
                new Side(clean.select(pairs), Places.every()),
                new Side(damaged.select(pairs), Places.every()),
                Optional.empty(),
                onFeatures);
        learner.apply(gradient);
        progress.step(step, gradient.loss());
      }
      return head;
    } catch (RuntimeException e) {
      head.close();
      throw e;
    }
  }
}
