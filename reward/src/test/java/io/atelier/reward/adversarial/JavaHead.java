package io.atelier.reward.adversarial;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What {@link Head} is held against: the same in plain Java, one operation after the other. Linear,
 * projection, of which there may be several, one for each kind of feature; the last is shared. With
 * condition vectors e the logit is {@code (w + W e) . h + b}: the projection discriminator of
 * Miyato and Koyama (2018).
 *
 * <p>Tensors: {@code <projection>.weight} (H, D), {@code <projection>.bias} (H), {@code out.weight}
 * (1, H), {@code out.bias} (1), and {@code condition.weight} (H, E) if conditions are used.
 */
final class JavaHead {

  static final String WEIGHT = ".weight";
  private static final String BIAS = ".bias";
  static final String OUT = "out";
  private static final String CONDITION = "condition.weight";

  private final SortedMap<String, Tensor> tensors = new TreeMap<>();
  private final int hidden;

  /** With copies of a head's weights. */
  JavaHead(NamedTensors weights) {
    weights
        .asMap()
        .forEach((name, t) -> tensors.put(name, new Tensor(t.shape(), t.values().clone())));
    this.hidden = tensors.get(OUT + WEIGHT).values().length;
  }

  /** The tensors themselves. */
  SortedMap<String, Tensor> tensors() {
    return tensors;
  }

  private float[] values(String name) {
    return tensors.get(name).values();
  }

  /**
   * Rows to be judged.
   *
   * @param projection first layer that they go through
   * @param rows number of rows n
   * @param x features, (n, D)
   * @param condition condition vector of each row, n of them (E values each); empty for none
   */
  record Input(String projection, int rows, float[] x, float[][] condition) {}

  /** Logit of every row. */
  float[] logits(Input input) {
    return logits(input, project(input), readouts(input));
  }

  private float[] project(Input input) {
    return Dense.forward(
        input.x(),
        input.rows(),
        values(input.projection() + WEIGHT),
        values(input.projection() + BIAS));
  }

  /** What multiplies the hidden layer: {@code w + W e} for each distinct condition. */
  private Map<float[], float[]> readouts(Input input) {
    Map<float[], float[]> readouts = new IdentityHashMap<>();
    float[] w = values(OUT + WEIGHT);
    for (float[] e : input.condition()) {
      readouts.computeIfAbsent(
          e,
          key -> {
            float[] v = w.clone();
            float[] matrix = values(CONDITION);
            for (int h = 0; h < hidden; h++) {
              double sum = 0;
              for (int k = 0; k < key.length; k++) {
                sum += matrix[h * key.length + k] * key[k];
              }
              v[h] = (float) (v[h] + sum);
            }
            return v;
          });
    }
    return readouts;
  }

  private float[] readout(Input input, Map<float[], float[]> readouts, int row) {
    return input.condition().length == 0
        ? values(OUT + WEIGHT)
        : readouts.get(input.condition()[row]);
  }

  private float[] logits(Input input, float[] z, Map<float[], float[]> readouts) {
    float bias = values(OUT + BIAS)[0];
    float[] logits = new float[input.rows()];
    for (int n = 0; n < logits.length; n++) {
      float[] v = readout(input, readouts, n);
      double sum = bias;
      for (int h = 0; h < hidden; h++) {
        sum += v[h] * Gelu.value(z[n * hidden + h]);
      }
      logits[n] = (float) sum;
    }
    return logits;
  }

  /** Zero gradients, by the names of the tensors. */
  SortedMap<String, float[]> zeros() {
    SortedMap<String, float[]> zeros = new TreeMap<>();
    tensors.forEach((name, tensor) -> zeros.put(name, new float[tensor.values().length]));
    return zeros;
  }

  /**
   * Adds the gradient of {@code weight * sum over rows of relu(1 - sign * logit)}.
   *
   * @param sign 1 for references, -1 for generated images
   * @param gradients added to
   * @return the logits
   */
  float[] addHinge(Input input, int sign, double weight, Map<String, float[]> gradients) {
    float[] z = project(input);
    Map<float[], float[]> readouts = readouts(input);
    float[] logits = logits(input, z, readouts);
    int width = input.x().length / input.rows();
    float[] g = new float[NamedTensors.elements(input.rows(), hidden)];
    float[] x = new float[input.x().length];
    float[] sums = new float[hidden];
    int active = 0;
    float factor = (float) (-sign * weight);
    for (int n = 0; n < input.rows(); n++) {
      if (1 - sign * logits[n] > 0) {
        float[] v = readout(input, readouts, n);
        float[] own = input.condition().length == 0 ? sums : new float[hidden];
        for (int h = 0; h < hidden; h++) {
          double at = z[n * hidden + h];
          own[h] += (float) (factor * Gelu.value(at));
          g[active * hidden + h] = (float) (factor * v[h] * Gelu.slope(at));
        }
        if (own != sums) {
          addCondition(own, input.condition()[n], gradients.get(CONDITION), sums);
        }
        System.arraycopy(input.x(), n * width, x, active * width, width);
        active++;
      }
    }
    gradients.get(OUT + BIAS)[0] += factor * active;
    add(sums, gradients.get(OUT + WEIGHT));
    Dense.addOuter(g, x, active, hidden, gradients.get(input.projection() + WEIGHT));
    float[] bias = gradients.get(input.projection() + BIAS);
    for (int i = 0; i < active * hidden; i++) {
      bias[i % hidden] += g[i];
    }
    return logits;
  }

  private static void addCondition(float[] own, float[] e, float[] gradient, float[] sums) {
    for (int h = 0; h < own.length; h++) {
      for (int k = 0; k < e.length; k++) {
        gradient[h * e.length + k] += own[h] * e[k];
      }
    }
    add(own, sums);
  }

  private static void add(float[] from, float[] into) {
    for (int i = 0; i < from.length; i++) {
      into[i] += from[i];
    }
  }
}
