package io.atelier.models.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.models.tensor.TorchOps;
import io.atelier.models.tensor.TrainedParameters;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Trains the weights of a network in place: global gradient norm clipping, AdamW and a moving
 * average, with the formulas of {@link GradientClip}, {@link Adam} and {@link Ema}. All of it stays
 * on the device of the weights; callers get copies. On the CPU the bits are those of these classes.
 * On a GPU the norm may differ in its last bits, since it is not summed element by element.
 *
 * <p>An update uses the gradients added since the last one. Sums of float32 depend on their order,
 * so the order of the calls is the order of the sum. Not thread-safe.
 */
public final class Optimizer {
  private static final String WEIGHT = "weight.";
  private static final String OPTIMIZER = "optimizer.";
  private static final String AVERAGE = "average.";

  private final TrainedParameters parameters;
  private final AdamConfig config;
  private final double normLimit;
  private final Optional<AverageConfig> averaging;
  private final WeightArrays first;
  private final WeightArrays second;
  private final Optional<WeightArrays> average;

  /** Sum of the gradients; during an update, the next weights until all are known to be finite. */
  private final WeightArrays sum;

  private boolean added;
  private int updates;

  /**
   * @param parameters the trained weights; {@code start} is loaded into them
   * @param start initial weights; copied
   * @param normLimit gradients are scaled down to this norm
   * @param averageLimit largest decay of the average, 0 to 1
   * @param averageInterval counts between two updates of the average, at least 1
   */
  public Optimizer(
      TrainedParameters parameters,
      NamedTensors start,
      AdamConfig config,
      double normLimit,
      double averageLimit,
      int averageInterval) {
    this(
        parameters,
        Optional.of(start),
        config,
        normLimit,
        Optional.of(new AverageConfig(averageLimit, averageInterval)));
  }

  /** Starts from the current weights; neither clips gradients nor keeps an average. */
  public Optimizer(TrainedParameters parameters, AdamConfig config) {
    this(parameters, Optional.empty(), config, Double.POSITIVE_INFINITY, Optional.empty());
  }

  private Optimizer(
      TrainedParameters parameters,
      Optional<NamedTensors> start,
      AdamConfig config,
      double normLimit,
      Optional<AverageConfig> averaging) {
    this.parameters = parameters;
    this.config = config;
    this.normLimit = normLimit;
    this.averaging = averaging;
    start.ifPresent(parameters::load);
    this.first = new WeightArrays(parameters);
    this.second = new WeightArrays(parameters);
    this.average = averaging.map(some -> new WeightArrays(parameters));
    this.sum = new WeightArrays(parameters);
    average.ifPresent(
        arrays ->
            parameters.forEach(
                (name, weight, work) ->
                    TorchOps.call("copy_", arrays.get(name), weight).attach(work)));
  }

  /** Updates done so far. */
  public int updates() {
    return updates;
  }

  /** Adds the gradients that the network has accumulated, and clears them. */
  public void collect() {
    String operation = added ? "add_" : "copy_";
    parameters.forEachGradient(
        (name, gradient, work) -> TorchOps.call(operation, sum.get(name), gradient).attach(work));
    parameters.clearGradients();
    added = true;
  }

  /**
   * Adds gradients that were computed elsewhere.
   *
   * @throws IllegalArgumentException if they are not those of these weights; the sum is then
   *     unchanged
   */
  public void add(NamedTensors gradients) {
    parameters.requireSame("gradient", gradients);
    String operation = added ? "add_" : "copy_";
    Torch.withGradients(
        false,
        () -> {
          gradients
              .asMap()
              .forEach((name, tensor) -> WeightArrays.apply(operation, sum.get(name), tensor));
          return null;
        });
    added = true;
  }

  /**
   * One update with the clipped sum of the gradients, or zero if none were added. A new sum begins.
   *
   * @param rateFactor multiplies the learning rate
   * @return norm of the gradients before clipping
   * @throws ArithmeticException naming the weight whose gradient is not finite; weights and
   *     optimizer are then unchanged
   * @throws IllegalArgumentException naming the weight that would not be finite; the weights are
   *     then unchanged
   */
  public double step(double rateFactor) {
    return Torch.withGradients(false, () -> update(rateFactor));
  }

  private double update(double rateFactor) {
    if (!added) {
      sum.clear();
    }
    added = false;
    double norm = norm();
    double factor = normLimit / (norm + 1e-6);
    updates++;
    AdamRates rates = AdamRates.of(config, updates, rateFactor);
    try (NDManager work = parameters.newScope()) {
      // On the device: to divide by a CPU scalar, a GPU multiplies by its reciprocal.
      NDArray numbers =
          Host.toNative(
              work,
              new double[] {
                factor < 1 ? factor : 1,
                rates.fresh1(),
                rates.fresh2(),
                rates.kept(),
                rates.pace(),
                rates.root(),
                rates.epsilon()
              });
      parameters.forEach((name, weight, scope) -> adam(name, weight, numbers));
    }
    parameters.forEach(
        (name, weight, scope) -> TorchOps.call("copy_", weight, sum.get(name)).attach(scope));
    return norm;
  }

  /** Updates the moments, and overwrites the gradients with the next weights. */
  private void adam(String name, NDArray weight, NDArray numbers) {
    NDArray next = sum.get(name);
    Total total = new Total();
    WeightArrays.inParts(
        part ->
            total.value +=
                Host.number(TorchOps.call("adam_", part[0], part[1], part[2], part[3], numbers)),
        next,
        weight,
        first.get(name),
        second.get(name));
    if (!Double.isFinite(total.value)) {
      parameters.requireFinite(name, Host.floats(next));
    }
  }

  /** A sum accumulated part by part. */
  private static final class Total {
    private double value;
  }

  private double norm() {
    double squares = 0;
    for (Map.Entry<String, NDArray> entry : sum.asMap().entrySet()) {
      Total own = new Total();
      WeightArrays.inParts(part -> addSquares(part[0], own), entry.getValue());
      if (!Double.isFinite(own.value)) {
        throw GradientClip.notFinite(entry.getKey(), Host.floats(entry.getValue()));
      }
      squares += own.value;
    }
    return Math.sqrt(squares);
  }

  /** On the CPU in the order of {@link GradientClip#norm}: element by element. */
  private static void addSquares(NDArray part, Total total) {
    if (part.getDevice().isGpu()) {
      total.value += Host.number(TorchOps.call("squares", part));
      return;
    }
    FloatBuffer values = Host.view(part);
    double squares = total.value;
    for (int i = 0; i < values.limit(); i++) {
      double value = values.get(i);
      squares += value * value;
    }
    total.value = squares;
  }

  private WeightArrays averages() {
    return average.orElseThrow(() -> new IllegalStateException("this optimizer has no average"));
  }

  /** Moves the average, if there is one, towards the weights; the count is the updates so far. */
  public void average() {
    averaging
        .filter(config -> config.movesAt(updates))
        .ifPresent(config -> average(config.decay(updates)));
  }

  /**
   * Moves the average towards the weights.
   *
   * @param decay factor of the previous average, 0 to 1
   */
  public void average(double decay) {
    try (NDManager work = parameters.newScope()) {
      NDArray pace = Host.toNative(work, 1 - decay);
      parameters.forEach(
          (name, weight, scope) ->
              WeightArrays.inParts(
                  part -> TorchOps.call("average_", part[0], part[1], pace),
                  averages().get(name),
                  weight));
    }
  }

  /** The weights; a copy. */
  public NamedTensors weights() {
    return parameters.export();
  }

  /** The moving average of the weights; a copy. */
  public NamedTensors averaged() {
    Map<String, Tensor> copy = new TreeMap<>();
    averages().read("", copy);
    return new NamedTensors(copy);
  }

  /** The moving average of the weights within {@link #state}. */
  public static NamedTensors averaged(NamedTensors state) {
    return state.part(AVERAGE);
  }

  /** Weights, optimizer and average; a copy. */
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new TreeMap<>();
    weights().asMap().forEach((name, tensor) -> state.put(WEIGHT + name, tensor));
    moments().asMap().forEach((name, tensor) -> state.put(OPTIMIZER + name, tensor));
    average.ifPresent(arrays -> arrays.read(AVERAGE, state));
    return state;
  }

  /** Restores a {@link #state}; updates continue with the same bits. */
  public void restore(NamedTensors state) {
    parameters.load(state.part(WEIGHT));
    restoreMoments(state.part(OPTIMIZER));
    Torch.withGradients(
        false,
        () -> {
          average.ifPresent(arrays -> arrays.write(state, AVERAGE));
          return null;
        });
  }

  /**
   * Moments under {@code first.<name>} and {@code second.<name>}, and {@code updates}, as in {@link
   * Adam}; a copy.
   */
  public NamedTensors moments() {
    Map<String, Tensor> moments = new TreeMap<>();
    first.read(Adam.FIRST, moments);
    second.read(Adam.SECOND, moments);
    moments.put(Adam.UPDATES, new Tensor(new long[0], new float[] {updates}));
    return new NamedTensors(moments);
  }

  /** Restores {@link #moments}; the weights stay unchanged. */
  public void restoreMoments(NamedTensors moments) {
    Torch.withGradients(
        false,
        () -> {
          first.write(moments, Adam.FIRST);
          second.write(moments, Adam.SECOND);
          return null;
        });
    updates = (int) moments.get(Adam.UPDATES).values()[0];
    added = false;
  }
}
