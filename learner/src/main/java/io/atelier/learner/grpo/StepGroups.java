package io.atelier.learner.grpo;

import io.atelier.learner.MovedCredit;
import io.atelier.learner.ScoredGroup;
import io.atelier.learner.loss.PlaceConfig;
import io.atelier.learner.loss.PlaceCredit;
import io.atelier.rollout.PlaceGrid;
import io.atelier.rollout.Trajectory;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Helpers for the groups of a learner step: their checks, rewards, potentials and place credit. */
final class StepGroups {

  private StepGroups() {}

  /**
   * Fails, naming the group, unless all groups are complete, finite and of the same shape.
   *
   * @param samples number of samples of each group
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
      requirePotentials(config, samples, groups.get(0).trajectory().steps(), group);
      requireFinite(group, "reward", group.reward());
      for (float[] potential : group.potential()) {
        requireFinite(group, "potential", potential);
      }
      requirePlaces(config, samples, group);
      requireFinite(group, "score of a place", group.places());
      requireFinite(group, "log-probability", t.logProb());
      requireFinite(group, "latent", t.latents());
    }
  }

  private static void requirePotentials(
      PolicyConfig config, int samples, int steps, ScoredGroup group) {
    if (group.trajectory().steps() != steps) {
      throw new IllegalArgumentException(
          "group %s has %d trained steps, the first group of its learner step has %d"
              .formatted(group.id(), group.trajectory().steps(), steps));
    }
    int states = config.advantage().credit().needsPotentials() ? steps : 0;
    float[][] potential = group.potential();
    if (potential.length != states
        || Arrays.stream(potential).anyMatch(own -> own.length != samples)) {
      throw new IllegalArgumentException(
          "group %s has potentials of %d states, must have them of %d states with %d samples each"
              .formatted(group.id(), potential.length, states, samples));
    }
  }

  private static void requirePlaces(PolicyConfig config, int samples, ScoredGroup group) {
    int scores = config.loss().places().needsScores() ? samples * PlaceGrid.COUNT : 0;
    if (scores > 0 && group.places().length != scores) {
      throw new IllegalArgumentException(
          "group %s has scores of %d places, must have %d: of %d in each of %d samples"
              .formatted(group.id(), group.places().length, scores, PlaceGrid.COUNT, samples));
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

  /** Returns the rewards of all samples, group by group. */
  static double[] rewards(List<ScoredGroup> groups) {
    return joined(groups, ScoredGroup::reward);
  }

  /**
   * Returns the amounts that place scores add to the advantages of all samples, (N, P); empty
   * without place scores.
   */
  static double[] movedByPlace(PlaceConfig config, List<ScoredGroup> groups) {
    if (!config.needsScores()) {
      return new double[0];
    }
    int[] shape = groups.get(0).trajectory().latentShape();
    return PlaceCredit.ofScores(
        joined(groups, ScoredGroup::places), shape[1], shape[2], config.alpha());
  }

  /**
   * Splits place credit by group.
   *
   * @param moved place credit of all samples, (N, P); or empty
   */
  static List<MovedCredit> moved(double[] moved, List<ScoredGroup> groups) {
    if (moved.length == 0) {
      return List.of();
    }
    int[] shape = groups.get(0).trajectory().latentShape();
    return split(moved, groups.size()).stream()
        .map(own -> new MovedCredit(shape[1], shape[2], own))
        .toList();
  }

  /**
   * Returns the share of places whose weight has the opposite sign to the advantage, 0 to 1.
   *
   * @param advantages (T, N)
   * @param moved (N, P)
   */
  static double flippedPlaces(double[][] advantages, double[] moved) {
    long flipped = 0;
    for (double[] own : advantages) {
      for (int i = 0; i < moved.length; i++) {
        double whole = own[i / PlaceGrid.COUNT];
        flipped += whole * (whole + moved[i]) < 0 ? 1 : 0;
      }
    }
    return (double) flipped / ((long) advantages.length * moved.length);
  }

  /** Returns the potentials of all samples, group by group, for each trained step. */
  static double[][] potentials(List<ScoredGroup> groups) {
    double[][] potentials = new double[groups.get(0).potential().length][];
    for (int t = 0; t < potentials.length; t++) {
      int step = t;
      potentials[t] = joined(groups, group -> group.potential()[step]);
    }
    return potentials;
  }

  private static double[] joined(List<ScoredGroup> groups, Function<ScoredGroup, float[]> of) {
    return groups.stream()
        .map(of)
        .flatMapToDouble(values -> IntStream.range(0, values.length).mapToDouble(i -> values[i]))
        .toArray();
  }

  /** Whether all samples of a group have the same reward. */
  static boolean isFlat(ScoredGroup group) {
    float[] rewards = group.reward();
    return IntStream.range(1, rewards.length).allMatch(i -> rewards[i] == rewards[0]);
  }

  /**
   * Returns the advantages of each group as specified by {@link
   * io.atelier.learner.PolicyStep#advantages}.
   *
   * @param advantages by trained step, of all samples
   */
  static List<List<double[]>> recorded(PolicyConfig config, double[][] advantages, int groups) {
    int rows = config.advantage().credit().needsPotentials() ? advantages.length : 1;
    List<List<double[]>> byStep =
        Arrays.stream(advantages).limit(rows).map(own -> split(own, groups)).toList();
    return IntStream.range(0, groups)
        .mapToObj(g -> byStep.stream().map(own -> own.get(g)).toList())
        .toList();
  }

  /**
   * Returns the mean weight of each sample, group by group.
   *
   * @param advantages by trained step, of all samples
   * @param places amounts added to them at each place, of all samples; empty if there are none
   */
  static List<double[]> means(double[][] advantages, double[] places, int groups) {
    double[] means = new double[advantages[0].length];
    for (int i = 0; i < means.length; i++) {
      for (double[] step : advantages) {
        means[i] += step[i] / advantages.length;
      }
      for (int p = 0; p < PlaceGrid.COUNT && places.length > 0; p++) {
        means[i] += places[i * PlaceGrid.COUNT + p] / PlaceGrid.COUNT;
      }
    }
    return split(means, groups);
  }

  /** Splits numbers of all samples by group. */
  private static List<double[]> split(double[] numbers, int groups) {
    int samples = numbers.length / groups;
    return IntStream.range(0, groups)
        .mapToObj(g -> Arrays.copyOfRange(numbers, g * samples, (g + 1) * samples))
        .toList();
  }

  /** Returns the group index of each sample. */
  static int[] places(List<ScoredGroup> groups) {
    int samples = groups.get(0).reward().length;
    int[] places = new int[groups.size() * samples];
    Arrays.setAll(places, i -> i / samples);
    return places;
  }
}
