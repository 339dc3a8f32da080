package io.atelier.models.optim;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.tensor.TrainedParameters;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Trains the weights of a network: clipping of the common gradient norm, AdamW, and a moving
 * average. The weights live in JVM memory; the network holds a copy that follows every update. Not
 * thread-safe.
 */
public final class Optimizer {
  private static final String WEIGHT = "weight.";
  private static final String OPTIMIZER = "optimizer.";
  private static final String AVERAGE = "average.";

  private final TrainedParameters parameters;
  private final double normLimit;
  private final Adam adam;
  private final Ema ema;
  private final SortedMap<String, Tensor> weights = new TreeMap<>();

  /**
   * @param parameters receive {@code start} and all later weights
   * @param start first weights; copied
   * @param normLimit gradients are scaled down to this norm
   */
  public Optimizer(
      TrainedParameters parameters,
      NamedTensors start,
      AdamConfig config,
      double normLimit,
      double averageLimit,
      int averageInterval) {
    this.parameters = parameters;
    this.normLimit = normLimit;
    this.adam = new Adam(config, start);
    this.ema = new Ema(averageLimit, averageInterval, start);
    start.asMap().forEach((name, t) -> weights.put(name, copy(t)));
    parameters.load(start);
  }

  private static Tensor copy(Tensor tensor) {
    return new Tensor(tensor.shape().clone(), tensor.values().clone());
  }

  /** Updates done so far. */
  public int updates() {
    return adam.updates();
  }

  /** One update with the gradients that the network has collected, which are cleared. */
  public double step(double rateFactor) {
    SortedMap<String, float[]> gradients = values(parameters.gradients().asMap());
    parameters.clearGradients();
    return step(gradients, rateFactor);
  }

  /**
   * One update, with gradients that are clipped first.
   *
   * @param gradients by weight, changed in place; empty for zero
   * @param rateFactor multiplies the learning rate
   * @return norm of the gradients before clipping
   * @throws ArithmeticException naming the weight whose gradient is not finite; the weights are
   *     then as before
   */
  public double step(SortedMap<String, float[]> gradients, double rateFactor) {
    if (gradients.isEmpty()) {
      weights.forEach((name, t) -> gradients.put(name, new float[t.values().length]));
    }
    double norm = GradientClip.clip(gradients, normLimit);
    adam.step(values(weights), gradients, rateFactor);
    parameters.load(new NamedTensors(weights));
    return norm;
  }

  private static SortedMap<String, float[]> values(Map<String, Tensor> tensors) {
    SortedMap<String, float[]> values = new TreeMap<>();
    tensors.forEach((name, tensor) -> values.put(name, tensor.values()));
    return values;
  }

  /** Moves the average towards the weights, at the count of updates done so far. */
  public void average() {
    ema.update(adam.updates(), values(weights));
  }

  /**
   * Moves the average towards the weights.
   *
   * @param decay what stays of the average, 0 to 1
   */
  public void average(double decay) {
    ema.move(decay, values(weights));
  }

  /** The weights; a copy. */
  public NamedTensors weights() {
    Map<String, Tensor> copies = new TreeMap<>();
    weights.forEach((name, tensor) -> copies.put(name, copy(tensor)));
    return new NamedTensors(copies);
  }

  /** The moving average of the weights; a copy. */
  public NamedTensors averaged() {
    return ema.average();
  }

  /** The moving average of the weights within {@link #state}. */
  public static NamedTensors averaged(NamedTensors state) {
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
    parameters.load(saved); // checks names and shapes
    weights.replaceAll((name, old) -> copy(saved.get(name)));
    adam.restore(state.part(OPTIMIZER));
    ema.restore(state.part(AVERAGE));
  }
}
