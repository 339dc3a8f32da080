package io.atelier.reward.preference;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.reward.adversarial.CriticLoss;
import io.atelier.reward.metrics.FeatureMatrix;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Predicts which of two images is better, and which is ahead in each criterion. With d = scale (f_a
 * - f_b), clipped to plus or minus 10, of the frozen features of both images, (D),
 *
 * <pre>
 *   c_k = w_k . d                            logit of "a is ahead in criterion k"
 *   z   = v . d + sum over k of u_k tanh(c_k / 2)
 *   P(a is better than b) = sigmoid(z)
 * </pre>
 *
 * where {@code tanh(c / 2) = P(a is ahead) - P(b is ahead)} is the expected verdict, so the label
 * may depend on it. There is no bias and every step is odd in d, also in floating point: {@code
 * P(a, b) + P(b, a)} is exactly 1.
 *
 * <p>Tensors: {@code scale} (D), {@code label.weight} v (D), {@code label.criteria} u (K), {@code
 * criteria.weight} w (K, D). The arithmetic is float64. Immutable.
 */
public final class PairHead {

  static final String LABEL = "label.weight";
  static final String USE = "label.criteria";
  static final String CRITERIA = "criteria.weight";
  private static final String SCALE = "scale";

  /** Clipping bound, so that no feature that rarely differs in the labelled pairs dominates. */
  private static final float LARGEST = 10;

  private final NamedTensors weights;
  private final float[] scale;
  private final float[] label;
  private final float[] use;
  private final float[] criteria;

  /**
   * Creates a head with these weights.
   *
   * @throws IllegalArgumentException naming a tensor that is missing or does not fit
   */
  public PairHead(NamedTensors weights) {
    this.weights = weights;
    this.scale = weights.get(SCALE).values();
    this.label = sized(LABEL, scale.length);
    this.use = weights.get(USE).values();
    this.criteria = sized(CRITERIA, use.length * scale.length);
  }

  private float[] sized(String name, int size) {
    float[] values = weights.get(name).values();
    if (values.length != size) {
      throw new IllegalArgumentException(
          "tensor \"%s\" has %d values where %d are needed; it is of another head"
              .formatted(name, values.length, size));
    }
    return values;
  }

  /**
   * Creates an untrained head, with all weights 0. The scale of a feature is 1 over the root mean
   * square of its difference in the pairs, which does not depend on the order within a pair; 0 if
   * it never differs.
   *
   * @param images features, (n, D)
   * @param pairs labelled pairs, at least one
   * @param criteria number of criteria K
   */
  public static PairHead untrained(FeatureMatrix images, List<Preference> pairs, int criteria) {
    int width = images.width();
    double[] squares = new double[width];
    for (Preference each : pairs) {
      for (int i = 0; i < width; i++) {
        double d = difference(images, each.pair(), i);
        squares[i] += d * d / pairs.size();
      }
    }
    float[] scale = new float[width];
    for (int i = 0; i < width; i++) {
      scale[i] = squares[i] > 0 ? (float) (1 / Math.sqrt(squares[i])) : 0;
    }
    return new PairHead(
        new NamedTensors(
            Map.of(
                SCALE, new Tensor(new long[] {width}, scale),
                LABEL, new Tensor(new long[] {width}, new float[width]),
                USE, new Tensor(new long[] {criteria}, new float[criteria]),
                CRITERIA,
                    new Tensor(
                        new long[] {criteria, width},
                        new float[NamedTensors.elements(criteria, width)]))));
  }

  private static float difference(FeatureMatrix images, Pair pair, int feature) {
    float[] values = images.values();
    int width = images.width();
    return values[pair.first() * width + feature] - values[pair.second() * width + feature];
  }

  /** Returns all weights; must not be modified. */
  public NamedTensors weights() {
    return weights;
  }

  /** Returns copies of the trained weights: all but the scale. */
  SortedMap<String, float[]> trained() {
    SortedMap<String, float[]> copies = new TreeMap<>();
    weights.asMap().forEach((name, tensor) -> copies.put(name, tensor.values().clone()));
    copies.remove(SCALE);
    return copies;
  }

  /** Returns the same head with other {@link #trained} weights, which are not copied. */
  PairHead with(Map<String, float[]> trained) {
    SortedMap<String, Tensor> tensors = new TreeMap<>(weights.asMap());
    trained.forEach(
        (name, values) -> tensors.put(name, new Tensor(tensors.get(name).shape(), values)));
    return new PairHead(new NamedTensors(tensors));
  }

  /**
   * Prediction for a pair (a, b).
   *
   * @param logit z
   * @param criteria c_k
   */
  public record Opinion(double logit, double[] criteria) {

    /** Returns the probability that a is better. */
    public double firstBetter() {
      return probability(logit);
    }
  }

  /**
   * Returns {@code sigmoid(z)}. The result for {@code -z} is exactly 1 minus this: for a float64 p
   * from 1/2 to 1, {@code 1 - p} is exact.
   */
  static double probability(double logit) {
    return logit >= 0 ? 1 / (1 + StrictMath.exp(-logit)) : 1 - probability(-logit);
  }

  /**
   * @param images features, (n, D)
   */
  public Opinion opinion(FeatureMatrix images, Pair pair) {
    return opinion(difference(images, pair));
  }

  /** Returns d of a pair, (D). */
  float[] difference(FeatureMatrix images, Pair pair) {
    if (images.width() != scale.length) {
      throw new IllegalArgumentException(
          "the head sees %d features, and images have %d".formatted(scale.length, images.width()));
    }
    float[] d = new float[scale.length];
    for (int i = 0; i < d.length; i++) {
      d[i] = Math.max(-LARGEST, Math.min(LARGEST, scale[i] * difference(images, pair, i)));
    }
    return d;
  }

  Opinion opinion(float[] d) {
    double[] c = new double[use.length];
    double z = dot(label, 0, d);
    for (int k = 0; k < c.length; k++) {
      c[k] = dot(criteria, k * d.length, d);
      z += use[k] * StrictMath.tanh(c[k] / 2);
    }
    return new Opinion(z, c);
  }

  private static double dot(float[] weights, int from, float[] d) {
    double sum = 0;
    for (int i = 0; i < d.length; i++) {
      sum += (double) weights[from + i] * d[i];
    }
    return sum;
  }

  /**
   * Computes the loss of a pair, {@code softplus(-y z)} plus {@code softplus(-y_k c_k)} for each
   * criterion with a verdict: the negative log-likelihood of the verdicts and the label, each by
   * {@link CriticLoss#LOGISTIC}.
   *
   * @param d difference of the pair, (D)
   * @param sum accumulates the gradient, by the names of the weights
   */
  double loss(float[] d, Preference said, Map<String, double[]> sum) {
    Opinion opinion = opinion(d);
    int y = said.better();
    double loss = CriticLoss.LOGISTIC.of(y * opinion.logit(), 0);
    double slope = y * CriticLoss.LOGISTIC.referenceSlope(y * opinion.logit(), 0);
    add(sum.get(LABEL), 0, slope, d);
    for (int k = 0; k < use.length; k++) {
      double expected = StrictMath.tanh(opinion.criteria()[k] / 2);
      sum.get(USE)[k] += slope * expected;
      double own = slope * use[k] * (1 - expected * expected) / 2;
      int verdict = said.criteria().get(k);
      if (verdict != 0) {
        double margin = verdict * opinion.criteria()[k];
        loss += CriticLoss.LOGISTIC.of(margin, 0);
        own += verdict * CriticLoss.LOGISTIC.referenceSlope(margin, 0);
      }
      add(sum.get(CRITERIA), k * d.length, own, d);
    }
    return loss;
  }

  private static void add(double[] sum, int from, double factor, float[] d) {
    for (int i = 0; i < d.length; i++) {
      sum[from + i] += factor * d[i];
    }
  }
}
