package io.atelier.models.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Trained weights, float32, by the names that they are published and saved under: the factors of an
 * adapter, or weights of a network itself. A name stands for a whole array, or for some rows of one
 * if the network keeps several weights in one array. Not thread-safe.
 */
public final class TrainedParameters {

  /** Rows {@code from} (inclusive) to {@code to} (exclusive) of an array. */
  private record Place(NDArray array, long from, long to) {

    boolean isWhole() {
      return array.getShape().dimension() == 0 || from == 0 && to == array.getShape().get(0);
    }

    long[] shape() {
      long[] shape = array.getShape().getShape().clone();
      if (shape.length > 0) {
        shape[0] = to - from;
      }
      return shape;
    }

    /** These rows of an array of the same shape, as a view that {@code work} owns. */
    NDArray of(NDArray whole, NDManager work) {
      if (isWhole()) {
        return whole;
      }
      NDArray view = TorchOps.slice(whole, 0, from, to);
      view.attach(work);
      return view;
    }
  }

  /** Visits a weight, or its gradient, in place. */
  @FunctionalInterface
  public interface Visitor {

    /**
     * @param array shares memory with the weight or gradient
     * @param work scope of this call
     */
    void visit(String name, NDArray array, NDManager work);
  }

  private final String owner;
  private final SortedMap<String, Place> places = new TreeMap<>();

  /**
   * @param owner name of the trained part, for messages, such as {@code adapter}
   */
  public TrainedParameters(String owner) {
    this.owner = owner;
  }

  /** Adds a whole array. */
  public void add(String name, NDArray array) {
    add(name, array, 0, array.getShape().dimension() == 0 ? 1 : array.getShape().get(0));
  }

  /** Adds rows {@code from} (inclusive) to {@code to} (exclusive) of an array. */
  void add(String name, NDArray array, long from, long to) {
    places.put(name, new Place(array, from, to));
  }

  /** Adds all of {@code others}, their names prefixed with {@code prefix}. */
  public void addAll(String prefix, TrainedParameters others) {
    others.places.forEach((name, place) -> places.put(prefix + name, place));
  }

  /** Shape of every weight, by name in ascending order. */
  public SortedMap<String, long[]> shapes() {
    SortedMap<String, long[]> shapes = new TreeMap<>();
    places.forEach((name, place) -> shapes.put(name, place.shape()));
    return shapes;
  }

  /** The arrays that hold the weights, each once. */
  private Collection<NDArray> arrays() {
    Set<NDArray> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
    places.values().forEach(place -> arrays.add(place.array()));
    return arrays;
  }

  /** Makes the weights collect gradients. */
  public void train() {
    arrays().forEach(Autograd::require);
  }

  /** Arrays of zeros with the shapes, the device and the lifetime of the weights. */
  public SortedMap<String, NDArray> zeros() {
    SortedMap<String, NDArray> zeros = new TreeMap<>();
    places.forEach(
        (name, place) ->
            zeros.put(name, place.array().getManager().zeros(new Shape(place.shape()))));
    return zeros;
  }

  /** A scope on the device of the weights, which the caller closes. */
  public NDManager newScope() {
    return places.get(places.firstKey()).array().getManager().newSubManager();
  }

  /** Visits all weights in ascending order of their names, without recording gradients. */
  public void forEach(Visitor visitor) {
    visit(false, visitor);
  }

  /** Visits the gradients that the weights have collected, as {@link #forEach}. */
  public void forEachGradient(Visitor visitor) {
    visit(true, visitor);
  }

  private void visit(boolean gradients, Visitor visitor) {
    Torch.withGradients(
        false,
        () -> {
          places.forEach(
              (name, place) -> {
                try (NDManager work = place.array().getManager().newSubManager()) {
                  NDArray whole =
                      gradients ? Autograd.gradient(place.array(), work) : place.array();
                  visitor.visit(name, place.of(whole, work), work);
                }
              });
          return null;
        });
  }

  /** The gradients that the weights have collected since they were cleared; a copy. */
  public NamedTensors gradients() {
    return copy(true);
  }

  /** Drops the collected gradients. */
  public void clearGradients() {
    arrays().forEach(Autograd::clear);
  }

  /** The current native weights; a copy. */
  public NamedTensors export() {
    return copy(false);
  }

  private NamedTensors copy(boolean gradients) {
    SortedMap<String, Tensor> copies = new TreeMap<>();
    visit(gradients, (name, array, work) -> copies.put(name, Host.tensor(array)));
    return new NamedTensors(copies);
  }

  /**
   * Overwrites the weights in place.
   *
   * @throws IllegalArgumentException naming the weight if one is missing, unknown, of another shape
   *     or not finite; all are then unchanged
   */
  public void load(NamedTensors weights) {
    requireSame("weight", weights);
    weights.asMap().forEach((name, tensor) -> requireFinite(name, tensor.values()));
    Torch.withGradients(
        false,
        () -> {
          places.forEach((name, place) -> overwrite(place, weights.get(name)));
          return null;
        });
  }

  private static void overwrite(Place place, Tensor value) {
    try (NDManager work = place.array().getManager().newSubManager()) {
      NDArray target = place.of(place.array(), work);
      TorchOps.call("copy_", target, Host.toNative(work, value)).attach(work);
    }
  }

  /**
   * @param what kind of tensors, such as {@code gradient}
   * @throws IllegalArgumentException naming the tensor if one is missing, belongs to no weight
   *     here, or has another shape than its weight
   */
  public void requireSame(String what, NamedTensors tensors) {
    for (String name : tensors.names()) {
      if (!places.containsKey(name)) {
        throw new IllegalArgumentException(
            "the %s has no weight \"%s\" that is trained; it has %d, such as \"%s\""
                .formatted(owner, name, places.size(), places.firstKey()));
      }
    }
    places.forEach(
        (name, place) -> {
          long[] shape = tensors.get(name).shape();
          if (!Arrays.equals(place.shape(), shape)) {
            throw new IllegalArgumentException(
                "%s %s \"%s\" has shape %s, %s is needed here"
                    .formatted(
                        owner, what, name, Arrays.toString(shape), Arrays.toString(place.shape())));
          }
        });
  }

  /**
   * @param values values of the weight {@code name}
   * @throws IllegalArgumentException naming the first that is not finite
   */
  public void requireFinite(String name, float[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IllegalArgumentException(
            "%s weight \"%s\" is %s at element %d".formatted(owner, name, values[i], i));
      }
    }
  }
}
