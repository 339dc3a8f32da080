package io.atelier.reward.adversarial;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import java.util.Map;

/**
 * Mean and standard deviation (of the population) of a prior's scores of references. They are
 * published with the head's weights, so that scorers and a critic that goes on have the same.
 *
 * @param deviation above 0
 */
record PriorStatistics(float mean, float deviation) {

  private static final String MEAN = "prior.mean";
  private static final String DEVIATION = "prior.deviation";

  /**
   * @param prior its name, for messages
   * @param scores of references
   * @throws IllegalArgumentException if they are all the same
   */
  static PriorStatistics of(String prior, float[] scores) {
    double mean = 0;
    for (float score : scores) {
      mean += (double) score / scores.length;
    }
    double square = 0;
    for (float score : scores) {
      square += (score - mean) * (score - mean) / scores.length;
    }
    float deviation = (float) Math.sqrt(square);
    if (!(deviation > 0) || !Float.isFinite(deviation)) {
      throw new IllegalArgumentException(
          "the prior \"%s\" gives %d references scores with a mean of %s and a standard deviation of %s, by which none can be told from others; name another prior, or more references"
              .formatted(prior, scores.length, mean, deviation));
    }
    return new PriorStatistics((float) mean, deviation);
  }

  static PriorStatistics of(NamedTensors weights) {
    return new PriorStatistics(weights.get(MEAN).values()[0], weights.get(DEVIATION).values()[0]);
  }

  Map<String, Tensor> tensors() {
    return Map.of(MEAN, scalar(mean), DEVIATION, scalar(deviation));
  }

  private static Tensor scalar(float value) {
    return new Tensor(new long[] {1}, new float[] {value});
  }

  /** {@code factor * (score - mean) / deviation} of each score. */
  float[] standardised(float[] scores, double factor) {
    float[] standardised = new float[scores.length];
    for (int i = 0; i < scores.length; i++) {
      standardised[i] = (float) (factor * (scores[i] - (double) mean) / deviation);
    }
    return standardised;
  }
}
