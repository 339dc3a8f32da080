package io.atelier.reward.adversarial;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import java.util.Map;

/**
 * The term that a prior adds to logits: {@code scale * (score - mean) / deviation}. Mean and
 * population standard deviation are those of the references' scores; they are published with the
 * head's weights, so that scorers and a resumed critic use the same.
 *
 * @param deviation standard deviation, above 0
 */
record PriorTerm(ResidualConfig config, float mean, float deviation) {

  private static final String MEAN = "prior.mean";
  private static final String DEVIATION = "prior.deviation";

  /**
   * @param scores scores of references
   * @throws IllegalArgumentException if they are all equal
   */
  static PriorTerm of(ResidualConfig config, float[] scores) {
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
          "the prior \"%s\" gives %d references scores with a mean of %s and a standard deviation of %s, which do not distinguish them; name another prior, or more references"
              .formatted(config.prior(), scores.length, mean, deviation));
    }
    return new PriorTerm(config, (float) mean, deviation);
  }

  /**
   * @param weights weights with {@link #tensors}
   */
  static PriorTerm of(ResidualConfig config, NamedTensors weights) {
    return new PriorTerm(config, weights.get(MEAN).values()[0], weights.get(DEVIATION).values()[0]);
  }

  Map<String, Tensor> tensors() {
    return Map.of(MEAN, scalar(mean), DEVIATION, scalar(deviation));
  }

  private static Tensor scalar(float value) {
    return new Tensor(new long[] {1}, new float[] {value});
  }

  /** Returns the term of each image, (n). */
  float[] of(FeatureBatch batch) {
    return standardised(batch, config.scale());
  }

  /**
   * Appends the score without {@code scale} to the features of whole images, if the head sees it.
   *
   * @param input input of the batch, one row for each image
   */
  Head.Input beside(Head.Input input, FeatureBatch batch) {
    if (!config.seesPrior()) {
      return input;
    }
    int rows = input.rows();
    int width = input.x().length / rows;
    float[] prior = standardised(batch, 1);
    float[] x = new float[NamedTensors.elements(rows, width + 1)];
    for (int n = 0; n < rows; n++) {
      System.arraycopy(input.x(), n * width, x, n * (width + 1), width);
      x[n * (width + 1) + width] = prior[n];
    }
    return new Head.Input(input.projection(), input.last(), rows, x, input.condition());
  }

  private float[] standardised(FeatureBatch batch, double factor) {
    float[] scores = batch.views().get(FeatureBatch.PRIOR).values();
    float[] standardised = new float[scores.length];
    for (int n = 0; n < scores.length; n++) {
      standardised[n] = (float) (factor * (scores[n] - (double) mean) / deviation);
    }
    return standardised;
  }
}
