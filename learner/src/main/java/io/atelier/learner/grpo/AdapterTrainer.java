package io.atelier.learner.grpo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.optim.Adam;
import io.atelier.models.optim.AdamConfig;
import io.atelier.models.optim.Ema;
import io.atelier.models.optim.GradientClip;
import io.atelier.models.sd3.MmditAdapter;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.tensor.Autograd;
import io.atelier.models.tensor.Host;
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

  private final NDManager scope;
  private final MmditAdapter adapter;
  private final double normLimit;
  private final Adam adam;
  private final Ema ema;
  private final SortedMap<String, Tensor> weights = new TreeMap<>();

  /**
   * @param adapter receives {@code start} and all later weights, and collects their gradients
   * @param start first weights; copied
   */
  public AdapterTrainer(
      NDManager scope,
      MmditAdapter adapter,
      NamedTensors start,
      AdamConfig optimizer,
      double normLimit,
      double averageLimit,
      int averageInterval) {
    this.scope = scope;
    this.adapter = adapter;
    this.normLimit = normLimit;
    this.adam = new Adam(optimizer, start);
    this.ema = new Ema(averageLimit, averageInterval, start);
    start.asMap().forEach((name, t) -> weights.put(name, copy(t)));
    adapter.load(start);
    adapter.train();
  }

  private static Tensor copy(Tensor tensor) {
    return new Tensor(tensor.shape().clone(), tensor.values().clone());
  }

  /** Optimizer updates done so far. */
  public int updates() {
    return adam.updates();
  }

  /** The gradients that the network has collected since they were cleared; a copy. */
  public SortedMap<String, float[]> gradients() {
    SortedMap<String, float[]> gradients = new TreeMap<>();
    try (NDManager work = scope.newSubManager()) {
      adapter
          .leaves()
          .forEach((name, leaf) -> gradients.put(name, Host.floats(Autograd.gradient(leaf, work))));
    }
    return gradients;
  }

  /**
   * One optimizer update with the collected gradients, which are clipped first and cleared after.
   *
   * @param rateFactor multiplies the learning rate
   * @return norm of the gradients before clipping
   * @throws ArithmeticException naming the weight whose gradient or value is not finite; the
   *     weights are then as before
   */
  public double step(double rateFactor) {
    SortedMap<String, float[]> gradients = gradients();
    double norm = GradientClip.clip(gradients, normLimit);
    SortedMap<String, float[]> values = new TreeMap<>();
    weights.forEach((name, tensor) -> values.put(name, tensor.values()));
    adam.step(values, gradients, rateFactor);
    publish();
    clearGradients();
    return norm;
  }

  /** Drops the collected gradients. */
  public void clearGradients() {
    for (NDArray leaf : adapter.leaves().values()) {
      Autograd.clear(leaf);
    }
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
    clearGradients();
  }

  private void publish() {
    adapter.load(new NamedTensors(weights));
  }
}
