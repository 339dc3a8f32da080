package io.atelier.models.condition;

import ai.djl.ndarray.NDManager;
import io.atelier.models.files.FileException;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.safetensors.SafetensorsWriter;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.SafetensorsWeights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The file of a {@link RewardCondition} in a pipeline folder, next to the transformer's: weights,
 * the edges of each reward's bins as tensor {@code NAME.edges}, and in its metadata the names in
 * order. The folder's index does not list it, so that other programs read the folder as a model
 * without reward conditions.
 */
public final class RewardConditionFile {

  /** Its path in a pipeline folder. */
  public static final String NAME = "reward_condition/model.safetensors";

  private static final String REWARDS = "atelier.rewards";
  private static final String EDGES = ".edges";

  private RewardConditionFile() {}

  /**
   * @param root the pipeline folder
   */
  public static void write(Path root, RewardConditionConfig config, NamedTensors weights) {
    Path file = root.resolve(NAME);
    try {
      Files.createDirectories(file.getParent());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create " + file.getParent(), e);
    }
    SafetensorsWriter writer =
        new SafetensorsWriter().metadata(Map.of(REWARDS, String.join(",", config.names())));
    weights.asMap().forEach((name, t) -> writer.add(name, t.shape(), t.values()));
    for (int r = 0; r < config.names().size(); r++) {
      float[] edges = config.bins().get(r).edges();
      writer.add(config.names().get(r) + EDGES, new long[] {edges.length}, edges);
    }
    writer.write(file);
  }

  /**
   * The rewards that the file of a pipeline folder names.
   *
   * @param root the pipeline folder
   * @param width values of its pooled text vectors
   */
  public static RewardConditionConfig config(Path root, int width) {
    Path path = root.resolve(NAME);
    SafetensorsFile file = SafetensorsFile.read(path);
    String names = file.metadata().get(REWARDS);
    if (names == null) {
      throw new FileException(
          "%s names no rewards: its metadata has no \"%s\"; write it again by pretrain --rewards"
              .formatted(path, REWARDS));
    }
    List<RewardBins> bins = new ArrayList<>();
    try {
      for (String name : names.split(",")) {
        bins.add(new RewardBins(file.floats(name + EDGES)));
      }
      return new RewardConditionConfig(List.of(names.split(",")), bins, width);
    } catch (IllegalArgumentException e) {
      throw new FileException("%s: %s".formatted(path, e.getMessage()), e);
    }
  }

  /**
   * Loads the condition network of a pipeline folder.
   *
   * @param scope owns its weights
   * @param root the pipeline folder
   * @param width values of its pooled text vectors
   */
  public static RewardCondition load(NDManager scope, Path root, int width) {
    RewardConditionConfig config = config(root, width);
    Map<String, long[]> known = new HashMap<>(config.shapes());
    SafetensorsFile file = SafetensorsFile.read(root.resolve(NAME));
    for (String name : file.names()) {
      if (!name.endsWith(EDGES) && !known.containsKey(name)) {
        throw new FileException(
            "%s: tensor \"%s\" belongs to none of its rewards %s"
                .formatted(root.resolve(NAME), name, config.names()));
      }
    }
    return new RewardCondition(scope, config, new SafetensorsWeights(file));
  }
}
