package io.atelier.actors.config.run;

import static io.atelier.actors.config.section.Rules.require;

import io.atelier.actors.config.section.HomeFolder;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.config.section.Section;
import io.atelier.models.assets.EmbeddedModel;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.ModelTypes;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.sd3.Trained;
import io.atelier.models.sd3.WholeNetwork;
import io.atelier.models.tensor.SafetensorsWeights;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The model that is post-trained.
 *
 * @param path {@code emoji64} for the embedded one, or a pipeline folder as diffusers writes it
 * @param train what is trained
 * @param targets modules whose weights are trained, if weights of the transformer are; empty for
 *     all modules
 * @param adapter the low-rank adapter, if that is trained
 * @param from file or folder of the adapter that a run begins with; empty to begin with the model
 *     as it is
 */
public record ModelConfig(
    String path, Train train, List<String> targets, AdapterConfig adapter, String from) {

  /** Which part of the model is trained. */
  public enum Train {
    /** A low-rank adapter. */
    ADAPTER,
    /** Weights of the transformer, all or some. */
    FULL
  }

  public ModelConfig {
    require(!path.isBlank(), "path is empty, must name a model or a folder");
    require(
        train == Train.ADAPTER || from.isEmpty(),
        "adapter.from names an adapter to begin with, and train = full has none; leave it out");
  }

  /** Returns the part of the velocity network that is trained. */
  public Trained trained() {
    return train == Train.FULL ? new WholeNetwork(targets) : adapter;
  }

  /**
   * Returns the pipeline folder of a model that is named as in a configuration.
   *
   * @param types in which it is to be used
   */
  public static PipelineFolder folder(String name, ModelTypes types) {
    Path path =
        name.equals(EmbeddedModel.EMOJI64)
            ? EmbeddedModel.emoji64()
            : Path.of(HomeFolder.expand(name));
    if (Files.isRegularFile(path)) {
      throw new InvalidConfigException(
          "model %s is a file; a model in one file is not read: name a diffusers pipeline folder"
              .formatted(name));
    }
    if (!Files.isDirectory(path)) {
      throw new InvalidConfigException(
          "model %s does not exist; name a diffusers pipeline folder or %s"
              .formatted(name, EmbeddedModel.EMOJI64));
    }
    try {
      return new PipelineFolder(path, SafetensorsWeights.STORED_FROM, types);
    } catch (IllegalArgumentException e) {
      throw new InvalidConfigException("model: " + e.getMessage(), e);
    }
  }

  public static ModelConfig from(Section section) {
    Section adapter = section.section("adapter");
    return section.build(
        () ->
            new ModelConfig(
                section.path("path"),
                section.choice("train", Train.class),
                section.texts("targets"),
                adapter.build(
                    () ->
                        new AdapterConfig(
                            adapter.integer("rank"),
                            adapter.decimal("alpha"),
                            adapter.texts("targets"))),
                adapter.path("from")));
  }
}
