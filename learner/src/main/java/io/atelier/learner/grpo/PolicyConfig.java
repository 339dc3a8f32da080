package io.atelier.learner.grpo;

import io.atelier.learner.advantage.AdvantageConfig;
import io.atelier.learner.advantage.Weighting;
import io.atelier.learner.loss.AwmConfig;
import io.atelier.learner.loss.LossConfig;
import io.atelier.learner.loss.Staleness;
import io.atelier.models.optim.AdamConfig;
import io.atelier.models.sd3.GradientCheckpointing;
import io.atelier.rollout.sampler.RolloutConfig;
import java.util.Locale;
import java.util.Optional;

/**
 * How the policy is trained.
 *
 * @param advantage how rewards become advantages
 * @param loss loss on trained steps
 * @param awm loss on the images themselves, instead of {@code loss}; empty for GRPO
 * @param optimizer settings of AdamW
 * @param gradientNorm gradients are clipped to this norm, positive
 * @param averageLimit largest decay of the moving average of the weights, 0 to 1
 * @param averageInterval optimizer updates per update of the average, at least 1
 * @param updatesPerStep optimizer updates of a learner step, at least 1; the groups of a step are
 *     split among them in slot order, so it must divide their number
 * @param warmupUpdates optimizer updates over which the learning rate rises linearly, 0 for none
 * @param criticOnlySteps learner steps at the start that do not update the policy, so that the
 *     critic is trained first
 * @param flatGroups handling of groups whose samples all have the same reward
 * @param checkpointing whether micro-batches use gradient checkpointing
 */
public record PolicyConfig(
    AdvantageConfig advantage,
    LossConfig loss,
    Optional<AwmConfig> awm,
    AdamConfig optimizer,
    double gradientNorm,
    double averageLimit,
    int averageInterval,
    int updatesPerStep,
    int warmupUpdates,
    int criticOnlySteps,
    FlatGroups flatGroups,
    GradientCheckpointing checkpointing) {

  /**
   * The settings of Flow-GRPO-Fast, except that each learner step has one optimizer update, and the
   * average is updated after each, instead of every eighth.
   */
  public static final PolicyConfig DEFAULT =
      new PolicyConfig(
          AdvantageConfig.DEFAULT,
          LossConfig.DEFAULT,
          Optional.empty(),
          AdamConfig.adamW(3e-4),
          1,
          0.9,
          1,
          1,
          0,
          0,
          FlatGroups.KEEP,
          GradientCheckpointing.AUTO);

  public PolicyConfig {
    require(
        gradientNorm > 0 && !Double.isInfinite(gradientNorm),
        "gradient-norm must be positive, got %s",
        gradientNorm);
    require(
        averageLimit >= 0 && averageLimit <= 1,
        "average-limit must be in [0, 1], got %s",
        averageLimit);
    require(averageInterval >= 1, "average-interval must be at least 1, got %s", averageInterval);
    require(updatesPerStep >= 1, "updates-per-step must be at least 1, got %s", updatesPerStep);
    require(warmupUpdates >= 0, "warmup-updates cannot be negative, got %s", warmupUpdates);
    require(
        flatGroups.action() == FlatGroups.Action.KEEP
            || advantage.weighting().comparesWithinGroup(),
        "flat-groups is %s, but advantage.weighting %s also learns from samples of equal reward; set"
            + " learner.flat-groups=keep",
        flatGroups.action().name().toLowerCase(Locale.ROOT),
        advantage.weighting().name().toLowerCase(Locale.ROOT));
    require(
        flatGroups.action() == FlatGroups.Action.KEEP || !advantage.credit().needsPotentials(),
        "flat-groups is %s, but credit.steps also learns from groups of equal reward, whose steps differ;"
            + " set learner.flat-groups=keep",
        flatGroups.action().name().toLowerCase(Locale.ROOT));
    require(
        awm.isEmpty() || !advantage.credit().needsPotentials(),
        "objective is awm, which trains no denoising steps; set learner.credit.steps.mode=none");
    require(
        awm.isEmpty() || !loss.places().moves(),
        "objective is awm, whose ratios are not those of denoising steps; set"
            + " learner.credit.places.source=none, or learner.objective=grpo");
    require(
        updatesPerStep == 1 || !loss.places().moves(),
        "updates-per-step is %s, and after the first update ratios are no longer 1, which weights by"
            + " place need; set learner.updates-per-step=1, or learner.credit.places.source=none",
        updatesPerStep);
    require(
        !loss.places().moves()
            || advantage.weighting() == Weighting.GRPO
            || advantage.weighting() == Weighting.GRAPH,
        "advantage.weighting is %s, whose weights are not on the scale that credit.places.alpha is"
            + " for; set learner.advantage.weighting=grpo, or learner.credit.places.source=none",
        advantage.weighting().name().toLowerCase(Locale.ROOT));
    require(criticOnlySteps >= 0, "critic-only-steps cannot be negative, got %s", criticOnlySteps);
  }

  /** Whether the reference policy has to be evaluated. */
  public boolean needsReference() {
    return awm.map(a -> a.klWeight() > 0).orElse(loss.needsReference());
  }

  /** Whether trajectories must hold the means of their steps. */
  public boolean needsMeans() {
    return awm.isEmpty() && loss.needsMeans();
  }

  /** Whether log-probabilities at the start of a learner step are needed in its later updates. */
  boolean needsProximal() {
    return awm.isPresent() || loss.staleness() == Staleness.DECOUPLED;
  }

  /**
   * Returns the number of trained steps, or noise levels, of a group with {@code steps} trained
   * steps of the sampler.
   */
  public int rows(int steps) {
    return awm.map(a -> a.times().count()).orElse(steps);
  }

  /** Fails unless groups sampled with these settings can be trained on. */
  public void requireFits(RolloutConfig rollout) {
    if (awm.isEmpty()) {
      loss.requireFits(rollout.kind());
      require(
          !loss.places().contrasts() || rollout.guidance() != 1,
          "credit.places.source is %s, which compares the two branches of the guidance, and"
              + " rollout.guidance is 1, which has one; raise it, or set"
              + " learner.credit.places.source=none",
          loss.places().source().name().toLowerCase(Locale.ROOT).replace('_', '-'));
      return;
    }
    require(
        !rollout.kind().stochastic(),
        "awm learns from images, not from steps: kernel must be ode, got %s",
        rollout.kind());
    require(
        awm.get().times().to() <= rollout.steps(),
        "awm.to is %s (exclusive), but images have %s denoising steps",
        awm.get().times().to(),
        rollout.steps());
  }

  /** Fails unless steps of {@code groups} groups of {@code groupSize} samples can be trained. */
  public void requireFits(int groups, int groupSize) {
    require(
        groupSize >= 2 || !advantage.weighting().comparesWithinGroup(),
        "groups of %s sample have nothing to compare, so %s cannot learn from them: set"
            + " rollout.group-size to at least 2, or learner.advantage.weighting to rwr",
        groupSize,
        advantage.weighting().name().toLowerCase(Locale.ROOT));
    require(
        groups >= 1 && groups % updatesPerStep == 0,
        "groups-per-step %s does not divide into %s optimizer updates",
        groups,
        updatesPerStep);
  }

  private static void require(boolean valid, String message, Object... values) {
    if (!valid) {
      throw new IllegalArgumentException(message.formatted(values));
    }
  }
}
