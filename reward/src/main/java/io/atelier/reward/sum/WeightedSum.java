package io.atelier.reward.sum;

import java.util.Map;
import java.util.TreeMap;

/**
 * The sum that a scorer makes of its parts, made again of what they gave: in the order of the
 * parts, each product rounded to float32, so that it has the bits of the scorer's.
 *
 * @param weights of each summand, by its name
 */
public record WeightedSum(Map<String, Double> weights) {

  public WeightedSum {
    weights = Map.copyOf(weights);
  }

  /** The same with other weights for some. */
  public WeightedSum with(Map<String, Double> others) {
    Map<String, Double> all = new TreeMap<>(weights);
    all.putAll(others);
    return new WeightedSum(all);
  }

  /**
   * The rewards of a group.
   *
   * @param parts what each summand gave to each image, in the order of the summands; names with a
   *     slash tell more of another one, and are left out
   * @param images of the group
   * @throws IllegalArgumentException if a part has no weight
   */
  public float[] of(Map<String, float[]> parts, int images) {
    float[] sum = new float[images];
    parts.forEach(
        (name, scores) -> {
          if (weights.containsKey(name)) {
            for (int i = 0; i < sum.length; i++) {
              sum[i] += (float) (weights.get(name) * scores[i]);
            }
          } else if (!name.contains("/")) {
            throw new IllegalArgumentException(
                "there are scores of \"%s\", which has no weight".formatted(name));
          }
        });
    return sum;
  }
}
