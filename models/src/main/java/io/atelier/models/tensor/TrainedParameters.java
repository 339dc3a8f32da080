package io.atelier.models.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Weights that are trained, float32, by the names that they are published and saved under: the
 * factors of an adapter, or weights of a network itself. A name stands for a whole array or for
 * some rows of one, where the network keeps several weights in one array. Not thread-safe.
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

  private final String owner;
  private final SortedMap<String, Place> places = new TreeMap<>();

  /**
   * @param owner what they are the weights of, for messages, such as {@code adapter}
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

  /** Adds all of {@code others}, their names after {@code prefix}. */
  public void addAll(String prefix, TrainedParameters others) {
    others.places.forEach((name, place) -> places.put(prefix + name, place));
  }

  /** Shape of every weight, by name in ascending order. */
  public SortedMap<String, long[]> shapes() {
    SortedMap<String, long[]> shapes = new TreeMap<>();
    places.forEach((name, place) -> shapes.put(name, place.shape()));
    return shapes;
  }

  /** The arrays that weights lie in, each once. */
  private Collection<NDArray> arrays() {
    Set<NDArray> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
    places.values().forEach(place -> arrays.add(place.array()));
    return arrays;
  }

  /** Makes the weights collect gradients. */
  public void train() {
    arrays().forEach(Autograd::require);
  }

  /** The gradients that the weights have collected since they were cleared; a copy. */
  public NamedTensors gradients() {
    return copy(true);
  }

  /** Drops the collected gradients. */
  public void clearGradients() {
    arrays().forEach(Autograd::clear);
  }

  /** The weights as they are held natively; a copy. */
  public NamedTensors export() {
    return copy(false);
  }

  private NamedTensors copy(boolean gradients) {
    SortedMap<String, Tensor> copies = new TreeMap<>();
    Torch.withGradients(
        false,
        () -> {
          for (Map.Entry<String, Place> entry : places.entrySet()) {
            Place place = entry.getValue();
            try (NDManager work = place.array().getManager().newSubManager()) {
              NDArray whole = gradients ? Autograd.gradient(place.array(), work) : place.array();
              copies.put(
                  entry.getKey(), new Tensor(place.shape(), Host.floats(place.of(whole, work))));
            }
          }
          return null;
        });
    return new NamedTensors(copies);
  }

  /**
   * Overwrites the weights in place.
   *
   * @throws IllegalArgumentException naming the weight if one is missing, unknown, of another shape
   *     or not finite; all are then as before
   */
  public void load(NamedTensors weights) {
    for (String name : weights.names()) {
      if (!places.containsKey(name)) {
        throw new IllegalArgumentException(
            "the %s has no weight \"%s\" that is trained; it has %d, such as \"%s\""
                .formatted(owner, name, places.size(), places.firstKey()));
      }
    }
    places.forEach((name, place) -> requireFits(name, place, weights.get(name)));
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

  private void requireFits(String name, Place place, Tensor tensor) {
    if (!Arrays.equals(place.shape(), tensor.shape())) {
      throw new IllegalArgumentException(
          "%s weight \"%s\" has shape %s, %s is needed here"
              .formatted(
                  owner, name, Arrays.toString(tensor.shape()), Arrays.toString(place.shape())));
    }
    for (int i = 0; i < tensor.values().length; i++) {
      if (!Float.isFinite(tensor.values()[i])) {
        throw new IllegalArgumentException(
            "%s weight \"%s\" is %s at element %d".formatted(owner, name, tensor.values()[i], i));
      }
    }
  }
}
