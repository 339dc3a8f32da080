package io.atelier.models.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.atelier.models.state.NamedTensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The weights of one network as native arrays, float32 or {@link Stored}, under the names of its
 * file layout. Weights that are multiplied by the same input can be fused along their first
 * dimension; {@link #export} restores the original names.
 */
public final class Parameters {

  private record Fusion(String fused, List<String> parts, List<Long> rows) {}

  /** Elements of a weight that are summed at once. */
  private static final long SUMMED = 1 << 22;

  private final String origin;
  private final NDManager manager;

  /** Names of arrays that may be written to. */
  private final Set<String> own = new HashSet<>();

  private final Map<String, NDArray> arrays = new LinkedHashMap<>();
  private final List<Fusion> fusions = new ArrayList<>();

  private Parameters(String origin, NDManager manager) {
    this.origin = origin;
    this.manager = manager;
  }

  /**
   * Loads exactly the weights that {@code shapes} names.
   *
   * @param manager scope that will own the arrays
   * @param source where to read them
   * @param shapes expected shape of every weight
   * @throws IllegalArgumentException naming the source and the weight if one is missing, has
   *     another shape or holds a value that is not finite
   */
  public static Parameters load(
      NDManager manager, WeightSource source, Map<String, long[]> shapes) {
    Parameters parameters = new Parameters(source.origin(), manager);
    shapes.forEach(
        (name, shape) -> {
          WeightSource.requireShape(source, name, shape);
          NDArray array = source.load(name, manager);
          requireFinite(source.origin(), name, array);
          parameters.arrays.put(name, array);
          if (source.writable()) {
            parameters.own.add(name);
          }
        });
    return parameters;
  }

  /** A single non-finite value makes the sum non-finite; only then are the values searched. */
  private static void requireFinite(String origin, String name, NDArray array) {
    float[] values;
    try (NDManager work = array.getManager().newSubManager()) {
      if (isSumFinite(array, work)) {
        return;
      }
      NDArray floats = Stored.unpacked(array);
      values = Host.floats(floats);
      if (floats != array) {
        floats.close();
      }
    }
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw WeightSource.notFinite(origin, name, i, values[i]);
      }
    }
  }

  /** Sums in parts, so that a large table in half precision is not converted as a whole. */
  private static boolean isSumFinite(NDArray array, NDManager work) {
    long[] shape = array.getShape().getShape();
    int dimension = 0;
    while (dimension < shape.length - 1 && shape[dimension] == 1) {
      dimension++;
    }
    long extent = shape.length == 0 ? 1 : shape[dimension];
    long step = Math.max(1, extent * SUMMED / Math.max(1, array.size()));
    for (long from = 0; from < extent; from += step) {
      NDArray part = array;
      if (step < extent) {
        part = TorchOps.slice(array, dimension, from, Math.min(extent, from + step));
        part.attach(work);
      }
      NDArray sum = TorchOps.call("sum", part);
      sum.attach(work);
      if (!Float.isFinite(Host.floats(sum)[0])) {
        return false;
      }
    }
    return true;
  }

  public NDArray get(String name) {
    NDArray array = arrays.get(name);
    if (array == null) {
      throw new IllegalArgumentException("%s: no weight \"%s\" is loaded".formatted(origin, name));
    }
    return array;
  }

  public boolean contains(String name) {
    return arrays.containsKey(name);
  }

  /** Whether some weights are {@link Stored} in half precision. */
  public boolean isPacked() {
    return arrays.values().stream().anyMatch(Stored::isPacked);
  }

  /**
   * Joins weights along their first dimension under a new name and drops the separate ones, unless
   * that was done before.
   */
  public NDArray fuse(String fused, String... parts) {
    if (arrays.containsKey(fused)) {
      return arrays.get(fused);
    }
    NDList list = new NDList();
    List<Long> rows = new ArrayList<>();
    for (String part : parts) {
      NDArray array = get(part);
      list.add(array);
      rows.add(array.getShape().get(0));
    }
    NDArray joined = NDArrays.concat(list, 0);
    joined.attach(manager);
    boolean all = own.containsAll(List.of(parts));
    for (String part : parts) {
      arrays.remove(part).close();
      own.remove(part);
    }
    arrays.put(fused, joined);
    if (all) {
      own.add(fused);
    }
    fusions.add(new Fusion(fused, List.of(parts), rows));
    return joined;
  }

  /**
   * Every weight except the frozen ones, under the original names. Only weights in memory can be
   * trained.
   *
   * @param owner name of the trained part, for messages
   */
  public TrainedParameters trainable(String owner, String... frozen) {
    Set<String> names = names();
    names.removeAll(Set.of(frozen));
    return trainable(owner, names);
  }

  /**
   * Weights of these original names. Only weights in memory can be trained.
   *
   * @param owner name of the trained part, for messages
   */
  public TrainedParameters trainable(String owner, Set<String> names) {
    for (String array : arraysOf(names)) {
      if (!own.contains(array)) {
        throw new IllegalStateException(
            "%s: mapped weights cannot be trained; read them into memory first".formatted(origin));
      }
    }
    return named(owner, names);
  }

  /** Names of the arrays that hold the weights of these original names. */
  private Set<String> arraysOf(Set<String> names) {
    Set<String> holding = new HashSet<>(names);
    for (Fusion fusion : fusions) {
      if (holding.removeAll(fusion.parts())) {
        holding.add(fusion.fused());
      }
    }
    return holding;
  }

  /**
   * The same weights, but those of some original names can be trained: these, and the weights fused
   * with them, are float32 copies. All others are the same arrays.
   *
   * @param scope owns the copies
   */
  public Parameters owning(NDManager scope, Set<String> names) {
    Parameters mixed = new Parameters(origin, scope);
    mixed.arrays.putAll(arrays);
    mixed.fusions.addAll(fusions);
    for (String name : arraysOf(names)) {
      NDArray copy = Stored.copy(get(name));
      copy.attach(scope);
      mixed.arrays.put(name, copy);
      mixed.own.add(name);
    }
    return mixed;
  }

  /** Original names of all weights. */
  private Set<String> names() {
    Set<String> names = new HashSet<>(arrays.keySet());
    for (Fusion fusion : fusions) {
      names.remove(fusion.fused());
      names.addAll(fusion.parts());
    }
    return names;
  }

  private TrainedParameters named(String owner, Set<String> names) {
    TrainedParameters named = new TrainedParameters(owner);
    Map<String, NDArray> plain = new LinkedHashMap<>(arrays);
    for (Fusion fusion : fusions) {
      NDArray whole = plain.remove(fusion.fused());
      long from = 0;
      for (int i = 0; i < fusion.parts().size(); i++) {
        long to = from + fusion.rows().get(i);
        if (names.contains(fusion.parts().get(i))) {
          named.add(fusion.parts().get(i), whole, from, to);
        }
        from = to;
      }
    }
    plain.keySet().retainAll(names);
    plain.forEach(named::add);
    return named;
  }

  /** All weights by (fused) name. */
  public Map<String, NDArray> arrays() {
    return Collections.unmodifiableMap(arrays);
  }

  /** Copies of some weights in JVM memory, by their original names; these must be float32. */
  public NamedTensors export(Set<String> names) {
    return named(origin, names).export();
  }

  /** A copy in JVM memory, under the original names. */
  public NamedTensors export() {
    return export(names());
  }
}
