package io.atelier.models.optim;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A moving average of weights that adapts quickly at the start: at count n, {@code average += (1 -
 * d)(weights - average)} with {@code d = min((1 + n) / (10 + n), limit)}, only where n + 1 is a
 * multiple of the interval. The same n may occur more than once. Not thread-safe.
 */
public final class Ema {
  private final AverageConfig config;
  private final SortedMap<String, Tensor> average = new TreeMap<>();

  /**
   * @param limit largest decay, 0 to 1
   * @param interval counts between two updates of the average, at least 1
   * @param start initial average; copied
   */
  public Ema(double limit, int interval, NamedTensors start) {
    this.config = new AverageConfig(limit, interval);
    start
        .asMap()
        .forEach((name, t) -> average.put(name, new Tensor(t.shape(), t.values().clone())));
  }

  /** Decay at count {@code n}. */
  public double decay(int n) {
    return config.decay(n);
  }

  /**
   * Moves the average towards {@code weights} if an update is due at {@code n}.
   *
   * @param n count, from 0
   * @return whether the average moved
   */
  public boolean update(int n, Map<String, float[]> weights) {
    if (!config.movesAt(n)) {
      return false;
    }
    double pace = 1 - decay(n);
    average.forEach(
        (name, tensor) -> {
          float[] a = tensor.values();
          float[] w = weights.get(name);
          for (int i = 0; i < a.length; i++) {
            a[i] = (float) (a[i] + pace * ((double) w[i] - a[i]));
          }
        });
    return true;
  }

  /** The current average; a copy. */
  public NamedTensors average() {
    Map<String, Tensor> copy = new TreeMap<>();
    average.forEach((name, t) -> copy.put(name, new Tensor(t.shape(), t.values().clone())));
    return new NamedTensors(copy);
  }

  /** Restores an {@link #average}; updates continue with the same bits. */
  public void restore(NamedTensors saved) {
    average.forEach((name, tensor) -> Tensors.overwrite(tensor, saved.get(name), name));
  }
}
