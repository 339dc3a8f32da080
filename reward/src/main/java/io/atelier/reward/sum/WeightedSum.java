package io.atelier.reward.sum;

import java.util.Map;
import java.util.TreeMap;

/**
 * Recomputes a scorer's sum from the recorded scores of its parts: in the order of the parts, each
 * product rounded to float32, so that it is bit-identical to the scorer's.
 *
 * @param weights weight of each summand, by name
 */
public record WeightedSum(Map<String, Double> weights) {

  public WeightedSum {
    weights = Map.copyOf(weights);
  }

  /** Returns the same sum with some weights replaced. */
  public WeightedSum with(Map<String, Double> others) {
    Map<String, Double> all = new TreeMap<>(weights);
    all.putAll(others);
    return new WeightedSum(all);
  }

  /**
   * Computes the rewards of a group.
   *
   * @param parts scores of each image by each summand, in the order of the summands; names with a
   *     slash are details of another part, and are skipped
   * @param images number of images of the group
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
