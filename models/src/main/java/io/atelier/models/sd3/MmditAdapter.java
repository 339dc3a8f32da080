package io.atelier.models.sd3;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Stored;
import io.atelier.models.tensor.Torch;
import io.atelier.models.tensor.TrainedParameters;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * A low-rank adapter of a velocity network: {@code y = W x + b + (alpha / r) B A x} in every
 * adapted linear map. It starts detached from the network; {@link #attach}, {@link #merge}, {@link
 * #attachMerged} and {@link #detach} change that.
 *
 * <p>Its weights are named like {@code transformer_blocks.0.attn.to_q.lora_A.weight}, A being
 * (rank, in) and B (out, rank).
 */
public final class MmditAdapter {
  private static final String A = ".lora_A.weight";
  private static final String B = ".lora_B.weight";

  /** A projection of the network, and its adapters in the order of the maps fused in it. */
  private record Place(Projection projection, List<Projection.Adapter> adapters) {}

  private final NDManager scope;
  private final AdapterConfig config;
  private final Map<String, NDArray> leaves = new LinkedHashMap<>();
  private final List<Place> places = new ArrayList<>();
  private final TrainedParameters weights = new TrainedParameters("adapter");
  private final NDArray scale;
  private boolean merging;
  private NDManager merged;

  /**
   * An adapter of {@code network} whose weights are all zero.
   *
   * @param scope owns the adapter's weights
   */
  public MmditAdapter(NDManager scope, Mmdit network, AdapterConfig config) {
    this.scope = scope;
    this.config = config;
    this.scale = Host.toNative(scope, (float) config.scale());
    Map<String, long[]> shapes = shapes(network.config(), config);
    shapes.forEach((name, shape) -> leaves.put(name, zeros(shape)));
    leaves.forEach(weights::add);
    network.projections().forEach(this::adapt);
  }

  /**
   * Name and shape of every weight of an adapter.
   *
   * @throws IllegalArgumentException naming the target that is not a linear map, and the available
   *     ones
   */
  public static Map<String, long[]> shapes(MmditConfig network, AdapterConfig config) {
    Map<String, long[]> maps = maps(network);
    for (String target : config.targets()) {
      if (maps.keySet().stream().noneMatch(name -> matches(name, target))) {
        throw new IllegalArgumentException(
            "targets has \"%s\", the end of no linear map that can be adapted in this network; there are %s"
                .formatted(
                    target,
                    String.join(
                        ", ",
                        maps.keySet().stream()
                            .map(name -> name.replaceFirst("^transformer_blocks\\.[0-9]+\\.", ""))
                            .collect(Collectors.toCollection(TreeSet::new)))));
      }
    }
    Map<String, long[]> shapes = new TreeMap<>();
    maps.forEach(
        (name, shape) -> {
          if (config.targets().stream().anyMatch(target -> matches(name, target))) {
            shapes.put(name + A, new long[] {config.rank(), shape[1]});
            shapes.put(name + B, new long[] {shape[0], config.rank()});
          }
        });
    return shapes;
  }

  /** Shape (out, in) of every linear map that can be adapted, by name. */
  public static Map<String, long[]> maps(MmditConfig network) {
    Map<String, long[]> maps = new TreeMap<>();
    network
        .shapes()
        .forEach(
            (weight, shape) -> {
              String name = weight.replaceFirst("\\.weight$", "");
              if (shape.length == 2 && Mmdit.isAdaptable(name)) {
                maps.put(name, shape);
              }
            });
    return maps;
  }

  /** Whether {@code target} is the end of a name after a dot, or all of it. */
  static boolean matches(String name, String target) {
    return name.equals(target) || name.endsWith("." + target);
  }

  private void adapt(String name, Projection projection) {
    List<String> maps = fusedMaps(name);
    if (maps.stream().noneMatch(map -> leaves.containsKey(map + A))) {
      return;
    }
    long[] whole = Stored.shape(projection.weight()).getShape();
    List<Projection.Adapter> adapters = new ArrayList<>();
    for (String map : maps) {
      // A map fused with adapted ones, but not a target itself, gets constant zeros.
      NDArray a = leaves.get(map + A);
      adapters.add(
          a != null
              ? new Projection.Adapter(a, leaves.get(map + B))
              : new Projection.Adapter(
                  zeros(config.rank(), whole[1]), zeros(whole[0] / maps.size(), config.rank())));
    }
    places.add(new Place(projection, adapters));
  }

  /** The separate maps of a projection of the network, which may be fused from three. */
  private static List<String> fusedMaps(String name) {
    if (name.endsWith(".to_qkv")) {
      String prefix = name.substring(0, name.length() - "qkv".length());
      return List.of(prefix + "q", prefix + "k", prefix + "v");
    }
    if (name.endsWith(".add_qkv_proj")) {
      String prefix = name.substring(0, name.length() - "qkv_proj".length());
      return List.of(prefix + "q_proj", prefix + "k_proj", prefix + "v_proj");
    }
    return List.of(name);
  }

  private NDArray zeros(long... shape) {
    return scope.zeros(new Shape(shape), DataType.FLOAT32);
  }

  /** The adapter's weights; a merged network keeps the old values until it is merged again. */
  public TrainedParameters weights() {
    return weights;
  }

  /** Adds the adapter's maps to the network's. */
  public void attach() {
    put(false);
  }

  /**
   * Makes the network compute with {@code W + (alpha / r) B A} as its weights, bit-identical to
   * {@link #merge}, but recomputed in each pass, so that changes take effect at once and the
   * adapter collects gradients. Gradients with respect to x go through the sum; those of A and B
   * are the same as with {@link #attach}.
   */
  public void attachMerged() {
    put(true);
  }

  private void put(boolean merging) {
    detach();
    this.merging = merging;
    for (Place place : places) {
      place.projection().adapt(scale, merging, place.adapters().toArray(Projection.Adapter[]::new));
    }
  }

  /** Makes the network compute with the current {@code W + (alpha / r) B A} as its weights. */
  public void merge() {
    put(true);
    merged = scope.newSubManager();
    Torch.withGradients(
        false,
        () -> {
          for (Place place : places) {
            NDArray sum = place.projection().merged();
            sum.attach(merged);
            place.projection().adapt(scale, false);
            place.projection().replaceWeight(sum);
          }
          return null;
        });
  }

  /** Runs {@code body} with the attached adapter detached, then attaches it again as before. */
  public <T> T without(Supplier<T> body) {
    detach();
    try {
      return body.get();
    } finally {
      put(merging);
    }
  }

  /** Removes the adapter from the network. */
  public void detach() {
    for (Place place : places) {
      place.projection().adapt(scale, false);
      place.projection().replaceWeight(place.projection().weight());
    }
    if (merged != null) {
      merged.close();
      merged = null;
    }
  }
}
