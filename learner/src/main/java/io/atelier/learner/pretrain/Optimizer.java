package io.atelier.learner.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Autograd;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Parameters;
import io.atelier.models.tensor.Torch;
import io.atelier.models.tensor.TorchOps;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * AdamW (Loshchilov and Hutter 2019) with clipping of the common gradient norm, and a moving
 * average of the weights, on native leaves.
 */
final class Optimizer implements AutoCloseable {

  private static final double BETA1 = 0.9;
  private static final double EPSILON = 1e-8;

  private final NDManager scope;
  private final Map<String, NDArray> leaves;
  private final Map<String, NDArray> first = new LinkedHashMap<>();
  private final Map<String, NDArray> second = new LinkedHashMap<>();
  private final Map<String, NDArray> average = new LinkedHashMap<>();
  private final double beta2;
  private final double decay;
  private final double maxNorm;
  private long updates;

  Optimizer(
      NDManager parent, Map<String, NDArray> leaves, double beta2, double decay, double maxNorm) {
    this.scope = parent.newSubManager();
    this.leaves = leaves;
    this.beta2 = beta2;
    this.decay = decay;
    this.maxNorm = maxNorm;
    leaves.forEach(
        (name, leaf) -> {
          first.put(name, scope.zeros(leaf.getShape(), DataType.FLOAT32));
          second.put(name, scope.zeros(leaf.getShape(), DataType.FLOAT32));
          average.put(name, Host.toNative(scope, Host.tensor(leaf)));
        });
  }

  /**
   * One update with the gradients collected so far, which are cleared.
   *
   * @param rate learning rate
   * @param averageDecay weight of the old average
   * @return norm of the gradient before clipping
   */
  double step(double rate, double averageDecay) {
    return Torch.withGradients(false, () -> update(rate, averageDecay));
  }

  private double update(double rate, double averageDecay) {
    try (NDManager step = scope.newSubManager()) {
      Map<String, NDArray> gradients = new LinkedHashMap<>();
      NDArray square = step.zeros(new Shape(), DataType.FLOAT64);
      for (Map.Entry<String, NDArray> leaf : leaves.entrySet()) {
        NDArray gradient = Autograd.gradient(leaf.getValue(), step);
        gradients.put(leaf.getKey(), gradient);
        square = square.add(TorchOps.call("square_sum", gradient));
      }
      double norm = Math.sqrt(square.getDouble());
      if (!Double.isFinite(norm)) {
        throw new IllegalStateException("the gradient norm is " + norm + " at update " + updates);
      }
      updates++;
      double root = Math.sqrt(1 - Math.pow(beta2, updates));
      NDArray[] numbers = {
        number(step, 1 - rate * decay),
        number(step, 1 - BETA1),
        number(step, beta2),
        number(step, 1 - beta2),
        number(step, -rate / (1 - Math.pow(BETA1, updates))),
        number(step, root),
        number(step, EPSILON)
      };
      NDArray factor = number(step, maxNorm / (norm + 1e-6));
      NDArray blend = number(step, 1 - averageDecay);
      for (Map.Entry<String, NDArray> leaf : leaves.entrySet()) {
        String name = leaf.getKey();
        NDArray gradient = gradients.get(name);
        if (norm > maxNorm) {
          TorchOps.call("mul_", gradient, factor);
        }
        NDArray updated =
            TorchOps.call(
                "adamw",
                leaf.getValue(),
                gradient,
                first.get(name),
                second.get(name),
                numbers[0],
                numbers[1],
                numbers[2],
                numbers[3],
                numbers[4],
                numbers[5],
                numbers[6]);
        updated.attach(step);
        NDArray averaged = TorchOps.call("lerp_", average.get(name), leaf.getValue(), blend);
        averaged.attach(step);
        Autograd.clear(leaf.getValue());
      }
      return norm;
    }
  }

  private static NDArray number(NDManager scope, double value) {
    return scope.create((float) value);
  }

  /**
   * The averaged weights under their original names.
   *
   * @param prefix of the leaves that belong to {@code parameters}
   */
  NamedTensors averaged(String prefix, Parameters parameters) {
    Map<String, NDArray> own = new LinkedHashMap<>();
    average.forEach(
        (name, array) -> {
          if (name.startsWith(prefix)) {
            own.put(name.substring(prefix.length()), array);
          }
        });
    return parameters.export(own);
  }

  /** Moments, average and update count, for a checkpoint. */
  NamedTensors state() {
    Map<String, NamedTensors.Tensor> state = new TreeMap<>();
    first.forEach((name, array) -> state.put("first." + name, Host.tensor(array)));
    second.forEach((name, array) -> state.put("second." + name, Host.tensor(array)));
    average.forEach((name, array) -> state.put("average." + name, Host.tensor(array)));
    leaves.forEach((name, array) -> state.put("weight." + name, Host.tensor(array)));
    state.put("updates", new NamedTensors.Tensor(new long[0], new float[] {updates}));
    return new NamedTensors(state);
  }

  /** Goes on from {@link #state}, weights included. */
  void restore(NamedTensors state) {
    Torch.withGradients(
        false,
        () -> {
          try (NDManager step = scope.newSubManager()) {
            copy(step, "first.", first, state);
            copy(step, "second.", second, state);
            copy(step, "average.", average, state);
            copy(step, "weight.", leaves, state);
          }
          return null;
        });
    updates = (long) state.get("updates").values()[0];
  }

  private static void copy(
      NDManager scope, String prefix, Map<String, NDArray> targets, NamedTensors state) {
    targets.forEach(
        (name, target) -> {
          NDArray value = Host.toNative(scope, state.get(prefix + name));
          TorchOps.call("copy_", target, value).attach(scope);
        });
  }

  @Override
  public void close() {
    scope.close();
  }
}
