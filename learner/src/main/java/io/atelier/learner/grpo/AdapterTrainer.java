package io.atelier.learner.grpo;

import io.atelier.models.optim.Adam;
import io.atelier.models.optim.AdamConfig;
import io.atelier.models.optim.Ema;
import io.atelier.models.optim.GradientClip;
import io.atelier.models.sd3.MmditAdapter;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The trained weights of an adapter, with their optimizer and moving average. The weights live in
 * JVM memory; the network holds a copy that follows every update. Not thread-safe.
 */
public final class AdapterTrainer {
  private static final String WEIGHT = "weight.";
  private static final String OPTIMIZER = "optimizer.";
  private static final String AVERAGE = "average.";

  private final MmditAdapter adapter;
  private final double normLimit;
  private final Adam adam;
  private final Ema ema;
  private final SortedMap<String, Tensor> weights = new TreeMap<>();

  /**
   * @param adapter receives {@code start} and all later weights
   * @param start first weights; copied
   */
  public AdapterTrainer(
      MmditAdapter adapter,
      NamedTensors start,
      AdamConfig optimizer,
      double normLimit,
      double averageLimit,
      int averageInterval) {
    this.adapter = adapter;
    this.normLimit = normLimit;
    this.adam = new Adam(optimizer, start);
    this.ema = new Ema(averageLimit, averageInterval, start);
    start.asMap().forEach((name, t) -> weights.put(name, copy(t)));
    adapter.load(start);
  }

  private static Tensor copy(Tensor tensor) {
    return new Tensor(tensor.shape().clone(), tensor.values().clone());
  }

  /** Optimizer updates done so far. */
  public int updates() {
    return adam.updates();
  }

  /**
   * One optimizer update, with gradients that are clipped first.
   *
   * @param gradients by weight, changed in place; empty for zero
   * @param rateFactor multiplies the learning rate
   * @return norm of the gradients before clipping
   * @throws ArithmeticException naming the weight whose gradient or value is not finite; the
   *     weights are then as before
   */
  public double step(SortedMap<String, float[]> gradients, double rateFactor) {
    if (gradients.isEmpty()) {
      weights.forEach((name, t) -> gradients.put(name, new float[t.values().length]));
    }
    double norm = GradientClip.clip(gradients, normLimit);
    SortedMap<String, float[]> values = new TreeMap<>();
    weights.forEach((name, tensor) -> values.put(name, tensor.values()));
    adam.step(values, gradients, rateFactor);
    publish();
    return norm;
  }

  /** Moves the average towards the weights, at the count of updates done so far. */
  public void average() {
    SortedMap<String, float[]> values = new TreeMap<>();
    weights.forEach((name, tensor) -> values.put(name, tensor.values()));
    ema.update(adam.updates(), values);
  }

  /** The weights; a copy. */
  public NamedTensors weights() {
    Map<String, Tensor> copies = new TreeMap<>();
    weights.forEach((name, tensor) -> copies.put(name, copy(tensor)));
    return new NamedTensors(copies);
  }

  /** The moving average of the weights within {@link #state}. */
  public static NamedTensors average(NamedTensors state) {
    return state.part(AVERAGE);
  }

  /** Weights, optimizer and average; a copy. */
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new TreeMap<>();
    weights.forEach((name, tensor) -> state.put(WEIGHT + name, copy(tensor)));
    adam.state().asMap().forEach((name, tensor) -> state.put(OPTIMIZER + name, tensor));
    ema.average().asMap().forEach((name, tensor) -> state.put(AVERAGE + name, tensor));
    return state;
  }

  /** Goes on from {@link #state}, with the same bits. */
  public void restore(NamedTensors state) {
    NamedTensors saved = state.part(WEIGHT);
    adapter.load(saved); // checks names and shapes
    weights.replaceAll((name, old) -> copy(saved.get(name)));
    adam.restore(state.part(OPTIMIZER));
    ema.restore(state.part(AVERAGE));
  }

  private void publish() {
    adapter.load(new NamedTensors(weights));
  }
}
