package io.atelier.learner.grpo;

import io.atelier.learner.ScoredGroup;
import io.atelier.rollout.Trajectory;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The groups of a learner step: what they must be, and their rewards. */
final class StepGroups {

  private StepGroups() {}

  /**
   * Fails, naming the group, unless all groups are alike, whole and finite.
   *
   * @param samples of each group
   */
  static void requireComplete(PolicyConfig config, int samples, List<ScoredGroup> groups) {
    if (groups.isEmpty()) {
      throw new IllegalArgumentException("a learner step needs at least one group");
    }
    config.requireFits(groups.size(), samples);
    for (ScoredGroup group : groups) {
      Trajectory t = group.trajectory();
      if (group.reward().length != samples
          || t.samples() != samples
          || t.logProb().length != samples * t.steps()) {
        throw new IllegalArgumentException(
            "group %s has %d rewards, latents of %d samples and %d log-probabilities of %d steps, must be of %d samples"
                .formatted(
                    group.id(),
                    group.reward().length,
                    t.samples(),
                    t.logProb().length,
                    t.steps(),
                    samples));
      }
      if (config.awm().isPresent() == t.steps() > 0) {
        throw new IllegalArgumentException(
            "group %s has %d trained steps; awm learns from clean latents, which have none, grpo from trained steps"
                .formatted(group.id(), t.steps()));
      }
      if (config.needsMeans() && t.mean().length != t.logProb().length * t.elements()) {
        throw new IllegalArgumentException(
            "group %s lacks the means of its steps, which guard needs".formatted(group.id()));
      }
      requireFinite(group, "reward", group.reward());
      requireFinite(group, "log-probability", t.logProb());
      requireFinite(group, "latent", t.latents());
    }
  }

  private static void requireFinite(ScoredGroup group, String what, float[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new ArithmeticException(
            "%s %d of group %s (policy version %d, critic version %d) is %s"
                .formatted(
                    what, i, group.id(), group.policyVersion(), group.criticVersion(), values[i]));
      }
    }
  }

  /** The rewards of all samples, group by group. */
  static double[] rewards(List<ScoredGroup> groups) {
    int samples = groups.get(0).reward().length;
    double[] rewards = new double[groups.size() * samples];
    for (int g = 0; g < groups.size(); g++) {
      for (int i = 0; i < samples; i++) {
        rewards[g * samples + i] = groups.get(g).reward()[i];
      }
    }
    return rewards;
  }

  /** Whether all samples of a group have one reward. */
  static boolean isFlat(ScoredGroup group) {
    float[] rewards = group.reward();
    return IntStream.range(1, rewards.length).allMatch(i -> rewards[i] == rewards[0]);
  }

  /** Numbers of all samples, group by group, apart. */
  static List<double[]> split(double[] numbers, int groups) {
    int samples = numbers.length / groups;
    return IntStream.range(0, groups)
        .mapToObj(g -> Arrays.copyOfRange(numbers, g * samples, (g + 1) * samples))
        .toList();
  }

  /** The group of each of these. */
  static int[] places(List<ScoredGroup> groups) {
    int samples = groups.get(0).reward().length;
    int[] places = new int[groups.size() * samples];
    Arrays.setAll(places, i -> i / samples);
    return places;
  }
}
