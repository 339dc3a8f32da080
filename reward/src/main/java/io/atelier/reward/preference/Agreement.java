package io.atelier.reward.preference;

import io.atelier.reward.metrics.FeatureMatrix;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** Accuracy of preferences against the truth. Pure functions. */
public final class Agreement {

  private Agreement() {}

  /**
   * Returns the share of pairs in which a head prefers the better image; ties count half.
   *
   * @param truth true preferences, at least one pair
   */
  public static double of(PairHead head, FeatureMatrix images, List<Preference> truth) {
    double right = 0;
    for (Preference each : truth) {
      right += right(each.better(), head.opinion(images, each.pair()).logit());
    }
    return right / truth.size();
  }

  /**
   * The same for a head's verdicts in one criterion, over pairs that have one.
   *
   * @return empty if there are none
   */
  public static OptionalDouble of(
      PairHead head, FeatureMatrix images, List<Preference> truth, int criterion) {
    return truth.stream()
        .filter(each -> each.criteria().get(criterion) != 0)
        .mapToDouble(
            each ->
                right(
                    each.criteria().get(criterion),
                    head.opinion(images, each.pair()).criteria()[criterion]))
        .average();
  }

  private static double right(int sign, double logit) {
    return logit == 0 ? 0.5 : sign * logit > 0 ? 1 : 0;
  }

  /**
   * Returns the share of labels that are true.
   *
   * @param labels labels of pairs that are all in {@code truth}
   * @return empty if there are none
   */
  public static OptionalDouble of(List<Preference> labels, List<Preference> truth) {
    Map<Pair, Integer> better = new HashMap<>();
    truth.forEach(each -> better.put(each.pair(), each.better()));
    return labels.stream()
        .mapToDouble(each -> each.better() == better.get(each.pair()) ? 1 : 0)
        .average();
  }
}
