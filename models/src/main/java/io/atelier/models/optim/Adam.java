package io.atelier.models.optim;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Adam (Kingma and Ba 2015) with decoupled weight decay (Loshchilov and Hutter 2019), for update n
 * from 1, gradient g and rate lr: {@code w -= lr decay w; m += (1 - beta1)(g - m); v += (1 -
 * beta2)(g^2 - v); w -= lr / (1 - beta1^n) m / (sqrt(v / (1 - beta2^n)) + epsilon)}.
 *
 * <p>Weights and moments are float32, the arithmetic of an element is float64. Not thread-safe.
 */
public final class Adam {
  static final String FIRST = "first.";
  static final String SECOND = "second.";
  static final String UPDATES = "updates";

  private final AdamConfig config;
  private final SortedMap<String, Tensor> first = new TreeMap<>();
  private final SortedMap<String, Tensor> second = new TreeMap<>();
  private int updates;

  /**
   * @param weights names and shapes of the trained weights; the values are not kept
   */
  public Adam(AdamConfig config, NamedTensors weights) {
    this.config = config;
    weights.asMap().forEach((name, tensor) -> first.put(name, zerosLike(tensor)));
    weights.asMap().forEach((name, tensor) -> second.put(name, zerosLike(tensor)));
  }

  private static Tensor zerosLike(Tensor tensor) {
    return new Tensor(tensor.shape(), new float[tensor.values().length]);
  }

  /** Updates done so far. */
  public int updates() {
    return updates;
  }

  /** One update in place with the configured rate. */
  public void step(Map<String, float[]> weights, Map<String, float[]> gradients) {
    step(weights, gradients, 1);
  }

  /**
   * One update in place.
   *
   * @param weights values by name, exactly those of the constructor
   * @param gradients gradients by the same names
   * @param rateFactor multiplies the configured learning rate, as in a warm-up
   */
  public void step(
      Map<String, float[]> weights, Map<String, float[]> gradients, double rateFactor) {
    requireSameNames("weights", weights);
    requireSameNames("gradients", gradients);
    updates++;
    AdamRates rates = AdamRates.of(config, updates, rateFactor);
    first.forEach(
        (name, m) ->
            update(
                weights.get(name),
                gradients.get(name),
                m.values(),
                second.get(name).values(),
                rates));
  }

  private static void update(float[] w, float[] g, float[] m, float[] v, AdamRates rates) {
    double fresh1 = rates.fresh1();
    double fresh2 = rates.fresh2();
    double kept = rates.kept();
    double pace = rates.pace();
    double root = rates.root();
    double epsilon = rates.epsilon();
    for (int i = 0; i < w.length; i++) {
      double gradient = g[i];
      m[i] = (float) (m[i] + fresh1 * (gradient - m[i]));
      v[i] = (float) (v[i] + fresh2 * (gradient * gradient - v[i]));
      w[i] = (float) (w[i] * kept - pace * m[i] / (Math.sqrt(v[i]) / root + epsilon));
    }
  }

  private void requireSameNames(String what, Map<String, float[]> values) {
    if (!values.keySet().equals(first.keySet())) {
      throw new IllegalArgumentException(
          "the %s are named %s, the optimizer was made for %s"
              .formatted(what, values.keySet(), first.keySet()));
    }
  }

  /** Moments under {@code first.<name>} and {@code second.<name>}, and {@code updates}; a copy. */
  public NamedTensors state() {
    Map<String, Tensor> state = new TreeMap<>();
    first.forEach((name, m) -> state.put(FIRST + name, copy(m)));
    second.forEach((name, v) -> state.put(SECOND + name, copy(v)));
    state.put(UPDATES, new Tensor(new long[0], new float[] {updates}));
    return new NamedTensors(state);
  }

  private static Tensor copy(Tensor tensor) {
    return new Tensor(tensor.shape().clone(), tensor.values().clone());
  }

  /** Restores a {@link #state}; updates continue with the same bits. */
  public void restore(NamedTensors state) {
    first.forEach((name, m) -> Tensors.overwrite(m, state.get(FIRST + name), FIRST + name));
    second.forEach((name, v) -> Tensors.overwrite(v, state.get(SECOND + name), SECOND + name));
    updates = (int) state.get(UPDATES).values()[0];
  }
}
