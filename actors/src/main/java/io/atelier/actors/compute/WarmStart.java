package io.atelier.actors.compute;

import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.run.checkpoint.Checkpoint;
import io.atelier.models.files.FileException;
import io.atelier.models.files.Named;
import io.atelier.models.lora.LoraException;
import io.atelier.models.lora.LoraFile;
import io.atelier.models.lora.LoraWeights;
import io.atelier.models.safetensors.SafetensorsException;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.MmditAdapter;
import io.atelier.models.sd3.MmditConfig;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * First weights that come from an adapter file, {@code model.adapter.from}. Rank and adapted maps
 * must be those of the settings. The file's scale alpha / rank may be another: B is multiplied so
 * that the settings' scale computes the same.
 */
public final class WarmStart {

  /** The key that names the file. */
  public static final String KEY = "model.adapter.from";

  /** Names that a message lists; more are counted. */
  private static final int NAMED = 4;

  private final Path path;
  private final LoraWeights adapter;

  private WarmStart(Path path, LoraWeights adapter) {
    this.path = path;
    this.adapter = adapter;
  }

  /**
   * Reads the weights that a run begins with.
   *
   * @param path a file or folder in a layout that {@link LoraFile} reads
   * @throws InvalidConfigException in one line, if they do not fit the network or the settings
   */
  public static NamedTensors read(Path path, MmditConfig network, AdapterConfig settings) {
    if (Checkpoint.isRunOrCheckpoint(path) && !LoraFile.isIn(path)) {
      throw new InvalidConfigException(
          "%s: %s is a run or a checkpoint; write its adapter by ./atelier export-lora, and name that folder"
              .formatted(KEY, path));
    }
    try {
      return new WarmStart(path, LoraFile.read(path, MmditAdapter.maps(network)))
          .weights(network, settings);
    } catch (LoraException | FileException | SafetensorsException e) {
      throw new InvalidConfigException("%s: %s".formatted(KEY, e.getMessage()), e);
    }
  }

  private NamedTensors weights(MmditConfig network, AdapterConfig settings) {
    Map<String, long[]> shapes = MmditAdapter.shapes(network, settings);
    Map<String, Tensor> tensors = adapter.tensors().asMap();
    requireMaps(network, shapes.keySet(), tensors.keySet());
    if (adapter.rank() != settings.rank()) {
      throw wrong(
          "has rank %d, but model.adapter.rank is %d; set model.adapter.rank=%d"
              .formatted(adapter.rank(), settings.rank(), adapter.rank()));
    }
    tensors.forEach((name, tensor) -> requireFits(name, tensor, shapes.get(name)));
    adapter.modules().forEach(this::requireAlive);
    return adapter.rescaled(settings.alpha()).tensors();
  }

  /** The same linear maps on both sides. */
  private void requireMaps(MmditConfig network, Set<String> wanted, Set<String> held) {
    Set<String> missing = maps(wanted, held);
    Set<String> further = maps(held, wanted);
    if (missing.isEmpty() && further.isEmpty()) {
      return;
    }
    Set<String> unknown = new TreeSet<>(maps(held, Set.of()));
    unknown.removeAll(MmditAdapter.maps(network).keySet());
    if (!unknown.isEmpty()) {
      throw wrong("adapts %s, which this model has not".formatted(Named.some(unknown, NAMED)));
    }
    String difference =
        missing.isEmpty()
            ? "adapts %s, which model.adapter.targets leaves out"
                .formatted(Named.some(further, NAMED))
            : "does not adapt %s of model.adapter.targets".formatted(Named.some(missing, NAMED));
    throw wrong(
        "%s; set model.adapter.targets=[%s]"
            .formatted(difference, String.join(",", targets(network, maps(held, Set.of())))));
  }

  /** The maps with a weight in {@code names} that {@code others} lacks. */
  private static Set<String> maps(Set<String> names, Set<String> others) {
    Set<String> maps = new TreeSet<>();
    for (String name : names) {
      if (!others.contains(name)) {
        maps.add(name.replaceFirst("\\.lora_[AB]\\.weight$", ""));
      }
    }
    return maps;
  }

  /** The shortest list of targets that means these maps: ends of names if they will do. */
  private static List<String> targets(MmditConfig network, Set<String> maps) {
    Set<String> ends = new TreeSet<>();
    maps.forEach(map -> ends.add(map.replaceFirst("^transformer_blocks\\.[0-9]+\\.", "")));
    AdapterConfig config = new AdapterConfig(1, 1, List.copyOf(ends));
    Set<String> meant = maps(MmditAdapter.shapes(network, config).keySet(), Set.of());
    return List.copyOf(meant.equals(maps) ? ends : maps);
  }

  private void requireFits(String name, Tensor tensor, long[] shape) {
    if (!Arrays.equals(shape, tensor.shape())) {
      throw wrong(
          "has \"%s\" of shape %s, this model needs %s: it was made for another"
              .formatted(name, Arrays.toString(tensor.shape()), Arrays.toString(shape)));
    }
    for (int i = 0; i < tensor.values().length; i++) {
      if (!Float.isFinite(tensor.values()[i])) {
        throw wrong(
            "has \"%s\" with %s at element %d; take another copy"
                .formatted(name, tensor.values()[i], i));
      }
    }
  }

  /** Where both factors are zero no gradient ever comes: a part of the rank would never learn. */
  private void requireAlive(String map, LoraWeights.Pair pair) {
    int rank = adapter.rank();
    float[] a = pair.a().values();
    float[] b = pair.b().values();
    int in = a.length / rank;
    int dead = 0;
    for (int k = 0; k < rank; k++) {
      boolean zero = true;
      for (int i = 0; zero && i < in; i++) {
        zero = a[k * in + i] == 0;
      }
      for (int i = k; zero && i < b.length; i += rank) {
        zero = b[i] == 0;
      }
      dead += zero ? 1 : 0;
    }
    if (dead > 0) {
      throw wrong(
          "cannot be trained on: %d of the %d ranks of %s are zero in A and B and would stay so,"
                  .formatted(dead, rank, map)
              + " as in a file whose layers have several ranks");
    }
  }

  private InvalidConfigException wrong(String what) {
    return new InvalidConfigException("%s: %s %s".formatted(KEY, path, what));
  }
}
