package io.atelier.reward.preference;

import io.atelier.models.optim.Adam;
import io.atelier.models.optim.AdamConfig;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.reward.metrics.FeatureMatrix;
import io.atelier.rollout.noise.Epochs;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.rollout.noise.RandomStream;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Trains a {@link PairHead} on pairs: AdamW on the mean loss of a batch, with dropout of features.
 * A pure function of the data, the initial weights and the noise.
 *
 * @param steps optimizer steps, at least 1, independent of the amount of data
 * @param batch pairs of each step, at least 1
 * @param rate step size of AdamW, positive
 * @param decay weight decay of AdamW, at least 0
 * @param dropout share of the features dropped for each pair, 0 to 1 (exclusive)
 */
public record PairTraining(int steps, int batch, double rate, double decay, double dropout) {

  /** Default settings: a hundred pairs of the embedded base take a second. */
  public static final PairTraining DEFAULT = new PairTraining(200, 64, 2e-4, 0, 0.5);

  public PairTraining {
    if (steps < 1 || batch < 1) {
      throw new IllegalArgumentException(
          "steps %d and batch %d must be at least 1".formatted(steps, batch));
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException(
          "dropout %s must be at least 0 and below 1".formatted(dropout));
    }
    adam(rate, decay);
  }

  private static AdamConfig adam(double rate, double decay) {
    AdamConfig usual = AdamConfig.adamW(rate);
    return new AdamConfig(rate, usual.beta1(), usual.beta2(), usual.epsilon(), decay);
  }

  /**
   * Trains a head; the given one is not changed.
   *
   * @param start initial weights
   * @param images features, (n, D)
   * @param data labelled pairs, at least one
   * @param noise randomness of order and dropout
   */
  public PairHead train(
      PairHead start, FeatureMatrix images, List<Preference> data, GroupNoise noise) {
    SortedMap<String, float[]> weights = start.trained();
    SortedMap<String, Tensor> shapes = new TreeMap<>(start.weights().asMap());
    shapes.keySet().retainAll(weights.keySet());
    Adam adam = new Adam(adam(rate, decay), new NamedTensors(shapes));
    Epochs order = new Epochs(data.size(), noise.stream(Purpose.CRITIC_UPDATE, 0));
    RandomStream random = noise.stream(Purpose.CRITIC_UPDATE, 1);
    PairHead head = start.with(weights); // shares the arrays, so it is updated by every step
    for (int step = 0; step < steps; step++) {
      SortedMap<String, double[]> sum = new TreeMap<>();
      weights.forEach((name, values) -> sum.put(name, new double[values.length]));
      int[] batchOf = order.next(Math.min(batch, data.size()));
      for (int i : batchOf) {
        Preference said = data.get(i);
        head.loss(dropped(head.difference(images, said.pair()), random), said, sum);
      }
      adam.step(weights, mean(sum, batchOf.length));
    }
    return head;
  }

  private static Map<String, float[]> mean(SortedMap<String, double[]> sums, int count) {
    Map<String, float[]> means = new TreeMap<>();
    sums.forEach(
        (name, sum) -> {
          float[] mean = new float[sum.length];
          for (int i = 0; i < mean.length; i++) {
            mean[i] = (float) (sum[i] / count);
          }
          means.put(name, mean);
        });
    return means;
  }

  /**
   * Sets each feature to 0 with probability {@link #dropout}, otherwise divides it by {@code 1 -
   * dropout}.
   */
  float[] dropped(float[] d, RandomStream random) {
    if (dropout == 0) {
      return d;
    }
    float[] left = new float[d.length];
    float factor = (float) (1 / (1 - dropout));
    for (int i = 0; i < d.length; i++) {
      left[i] = random.nextUniform() < dropout ? 0 : factor * d[i];
    }
    return left;
  }
}
