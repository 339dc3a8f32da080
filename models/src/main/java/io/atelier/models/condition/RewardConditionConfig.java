package io.atelier.models.condition;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The rewards that a model is conditioned on.
 *
 * @param names distinct names of the R rewards: letters, digits and dashes
 * @param bins bins of each reward
 * @param width values of the pooled text vector that the condition is added to
 */
public record RewardConditionConfig(List<String> names, List<RewardBins> bins, int width) {

  /** Width between the two linear maps of a reward. */
  private static final int INNER = 128;

  /** Sines and cosines of a value. */
  static final int FEATURES = 32;

  public RewardConditionConfig {
    names = List.copyOf(names);
    bins = List.copyOf(bins);
    if (names.isEmpty() || names.size() != bins.size() || width < 1) {
      throw new IllegalArgumentException(
          "a condition needs rewards, bins of each and a width, got %s, %d bins and width %d"
              .formatted(names, bins.size(), width));
    }
    if (names.stream().distinct().count() != names.size()) {
      throw new IllegalArgumentException("a reward is named twice in %s".formatted(names));
    }
    for (String name : names) {
      if (!name.matches("[A-Za-z0-9-]+")) {
        throw new IllegalArgumentException(
            "reward \"%s\" must be letters, digits and dashes".formatted(name));
      }
    }
  }

  /** Name and shape of every weight. */
  public Map<String, long[]> shapes() {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    for (String name : names) {
      shapes.put(name + ".linear_1.weight", new long[] {INNER, FEATURES});
      shapes.put(name + ".linear_1.bias", new long[] {INNER});
      shapes.put(name + ".linear_2.weight", new long[] {width, INNER});
      shapes.put(name + ".linear_2.bias", new long[] {width});
    }
    return shapes;
  }

  /**
   * The values of the requested rewards, in the order of {@link #names}; NaN for all others.
   *
   * @param wanted values from 0, that of the worst training images, to 1
   * @throws IllegalArgumentException naming a reward that the model does not know, or a value
   *     outside of 0 to 1
   */
  public float[] values(Map<String, Double> wanted) {
    float[] values = new float[names.size()];
    java.util.Arrays.fill(values, Float.NaN);
    wanted.forEach(
        (name, value) -> {
          int place = names.indexOf(name);
          if (place < 0) {
            throw new IllegalArgumentException(
                "the model is not conditioned on a reward \"%s\"; it knows %s"
                    .formatted(name, String.join(", ", names)));
          }
          if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(
                "reward %s=%s must be 0 to 1".formatted(name, value));
          }
          values[place] = value.floatValue();
        });
    return values;
  }
}
