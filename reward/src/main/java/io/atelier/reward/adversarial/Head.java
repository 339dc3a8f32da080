package io.atelier.reward.adversarial;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.models.tensor.TorchOps;
import io.atelier.models.tensor.TrainedParameters;
import io.atelier.rollout.noise.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The trained part of the discriminator, on the device of this process: Linear, exact GELU (with
 * erf), Linear to one logit. The first layer is a projection; there may be several, one for each
 * kind of feature. The last layer is shared, unless fused maps have their own. With condition
 * vectors e the logit is {@code (w + W e) . h + b}: the projection discriminator of Miyato and
 * Koyama (2018, arXiv 1802.05637).
 *
 * <p>Tensors: {@code <projection>.weight} (H, D), {@code <projection>.bias} (H), {@code out.weight}
 * (1, H), {@code out.bias} (1); {@code condition.weight} (H, E) if conditions are used; and for
 * {@link Fusion#GATED} of T maps {@code out.<map>.weight} (1, H), {@code out.<map>.bias} (1),
 * {@code gate.weight} (T, T) and {@code gate.bias} (T). Not thread-safe: one compute thread owns
 * it.
 */
final class Head implements AutoCloseable {

  static final String WEIGHT = ".weight";
  private static final String BIAS = ".bias";
  static final String OUT = "out";
  private static final String CONDITION = "condition.weight";
  private static final String GATE = "gate";

  private final NDManager scope;
  private final SortedMap<String, NDArray> arrays = new TreeMap<>();
  private final TrainedParameters weights = new TrainedParameters("critic's head");

  private Head(SortedMap<String, Tensor> tensors) {
    this.scope = Torch.newScope();
    try {
      tensors.forEach((name, tensor) -> arrays.put(name, Host.toNative(scope, tensor)));
    } catch (RuntimeException e) {
      scope.close();
      throw e;
    }
    arrays.forEach(weights::add);
  }

  /** A linear layer: weight (out, in) and bias (out). */
  private record Layer(String name, int in, int out) {}

  /** All linear layers, in the order in which their initial weights are drawn. */
  private static List<Layer> layers(
      SortedMap<String, Integer> widths, int hidden, List<String> gated) {
    List<Layer> layers = new ArrayList<>();
    widths.forEach((name, width) -> layers.add(new Layer(name, width, hidden)));
    layers.add(new Layer(OUT, hidden, 1));
    gated.forEach(map -> layers.add(new Layer(last(map), hidden, 1)));
    if (!gated.isEmpty()) {
      layers.add(new Layer(GATE, gated.size(), gated.size()));
    }
    return layers;
  }

  /** Returns the number of values that {@link #create} makes. */
  static long parameters(
      SortedMap<String, Integer> widths, int hidden, int conditionWidth, List<String> gated) {
    return (long) hidden * conditionWidth
        + layers(widths, hidden, gated).stream()
            .mapToLong(layer -> layer.out() * (layer.in() + 1L))
            .sum();
  }

  /** Returns the name of the last layer of a map that has its own. */
  static String last(String map) {
    return OUT + "." + map;
  }

  /**
   * Creates a fresh head: uniform in {@code +-1/sqrt(fan in)}, as PyTorch initialises linear
   * layers; conditions start at zero.
   *
   * @param widths width D of each projection
   * @param hidden H
   * @param conditionWidth E, or 0 for none
   * @param gated maps fused by a gate; empty for none
   */
  static Head create(
      SortedMap<String, Integer> widths,
      int hidden,
      int conditionWidth,
      List<String> gated,
      RandomStream random) {
    SortedMap<String, Tensor> tensors = new TreeMap<>();
    for (Layer layer : layers(widths, hidden, gated)) {
      tensors.put(layer.name() + WEIGHT, uniform(random, layer.in(), layer.out(), layer.in()));
      tensors.put(layer.name() + BIAS, uniform(random, layer.in(), layer.out()));
    }
    if (conditionWidth > 0) {
      tensors.put(
          CONDITION,
          new Tensor(
              new long[] {hidden, conditionWidth},
              new float[NamedTensors.elements(hidden, conditionWidth)]));
    }
    return new Head(tensors);
  }

  /**
   * Creates a head with copies of these tensors; others are ignored.
   *
   * @throws IllegalArgumentException naming the tensor that is missing, of another shape or not
   *     finite
   */
  static Head of(
      NamedTensors source,
      SortedMap<String, Integer> widths,
      boolean conditional,
      List<String> gated) {
    SortedMap<String, Tensor> tensors = new TreeMap<>();
    int hidden = source.get(OUT + WEIGHT).values().length;
    for (Layer layer : layers(widths, hidden, gated)) {
      tensors.put(
          layer.name() + WEIGHT, checked(source, layer.name() + WEIGHT, layer.out(), layer.in()));
      tensors.put(layer.name() + BIAS, checked(source, layer.name() + BIAS, layer.out()));
    }
    if (conditional) {
      long width = source.get(CONDITION).shape()[1];
      tensors.put(CONDITION, checked(source, CONDITION, hidden, width));
    }
    return new Head(tensors);
  }

  private static Tensor checked(NamedTensors source, String name, long... shape) {
    Tensor tensor = source.get(name);
    if (!Arrays.equals(tensor.shape(), shape)) {
      throw new IllegalArgumentException(
          "critic tensor \"%s\" has shape %s where %s is needed; it is of another configuration"
              .formatted(name, Arrays.toString(tensor.shape()), Arrays.toString(shape)));
    }
    return tensor;
  }

  private static Tensor uniform(RandomStream random, int fanIn, long... shape) {
    float[] values = new float[NamedTensors.elements(shape)];
    double bound = 1 / Math.sqrt(fanIn);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (bound * (2 * random.nextUniform() - 1));
    }
    return new Tensor(shape, values);
  }

  /** Returns the live weights. */
  TrainedParameters weights() {
    return weights;
  }

  /**
   * Rows to compute logits of.
   *
   * @param projection name of the first layer
   * @param last name of the last layer
   * @param rows number of rows n
   * @param x features, (n, D)
   * @param condition condition vector of each row, (n, E); empty for none
   */
  record Input(String projection, String last, int rows, float[] x, float[][] condition) {

    /** Returns a copy of rows {@code from} (inclusive) to {@code to} (exclusive). */
    Input part(int from, int to) {
      int width = x.length / rows;
      return new Input(
          projection,
          last,
          to - from,
          Arrays.copyOfRange(x, from * width, to * width),
          condition.length == 0 ? condition : Arrays.copyOfRange(condition, from, to));
    }

    /** Returns a copy of the rows of one image; all images have the same number of rows. */
    Input ofImage(int image, int images) {
      int each = rows / images;
      return part(image * each, (image + 1) * each);
    }
  }

  /**
   * Returns the logit of every row.
   *
   * @param together rows computed at a time, a divisor of their number: a logit may depend on these
   *     in its last bits, but not on other rows
   */
  float[] logits(Input input, int together) {
    float[] logits = new float[input.rows()];
    Torch.withGradients(
        false,
        () -> {
          for (int from = 0; from < logits.length; from += together) {
            try (NDManager work = scope.newSubManager()) {
              float[] some =
                  Host.floats(
                      logits(work, input.part(from, Math.min(logits.length, from + together))));
              System.arraycopy(some, 0, logits, from, some.length);
            }
          }
          return null;
        });
    return logits;
  }

  /** Returns a scope for {@link #logits(NDManager, Input)}, which the caller closes. */
  NDManager newScope() {
    return scope.newSubManager();
  }

  /**
   * Returns the logit of every row, (n), in the autograd graph if the calling thread records.
   *
   * @param work owns the result and all intermediate arrays
   */
  NDArray logits(NDManager work, Input input) {
    int n = input.rows();
    String first = input.projection();
    NDArray x = Host.toNative(work, input.x(), n, input.x().length / n);
    NDArray z = TorchOps.linear(x, arrays.get(first + WEIGHT), arrays.get(first + BIAS));
    NDArray w = arrays.get(input.last() + WEIGHT);
    NDArray b = arrays.get(input.last() + BIAS);
    if (input.condition().length == 0) {
      return TorchOps.call("head_logits", z, w, b);
    }
    int width = input.condition()[0].length;
    float[] all = new float[NamedTensors.elements(n, width)];
    for (int i = 0; i < n; i++) {
      System.arraycopy(input.condition()[i], 0, all, i * width, width);
    }
    NDArray e = Host.toNative(work, all, n, width);
    return TorchOps.call("conditioned_logits", z, w, b, e, arrays.get(CONDITION));
  }

  /**
   * Returns the mean of the highest logits of each image, (n).
   *
   * @param logits logits of the places of n images, image by image, the same number for each
   * @param top how many of the highest to average
   */
  static NDArray top(NDArray logits, int images, int top) {
    return TorchOps.call("top_mean", logits, TorchOps.integer(images), TorchOps.integer(top));
  }

  /**
   * Fuses the logits of maps into one logit for each image, (n).
   *
   * @param maps logits of n images by each map
   */
  NDArray fused(List<NDArray> maps, Fusion fusion) {
    NDArray scores = NDArrays.stack(new NDList(maps), 1);
    return switch (fusion) {
      case MEAN -> scores.mean(new int[] {1});
      case GATED ->
          TorchOps.call("gated_fusion", scores, arrays.get(GATE + WEIGHT), arrays.get(GATE + BIAS));
    };
  }

  @Override
  public void close() {
    scope.close();
  }
}
