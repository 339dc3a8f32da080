package io.atelier.actors.config;

import static io.atelier.actors.config.Rules.require;

import io.atelier.models.sd3.AdapterConfig;

/**
 * The model that is post-trained.
 *
 * @param path {@code emoji64} for the embedded one, or a pipeline folder as diffusers writes it
 * @param adapter the low-rank adapter that is trained
 * @param from file or folder of the adapter that a run begins with; empty to begin with the model
 *     as it is
 */
public record ModelConfig(String path, AdapterConfig adapter, String from) {

  public ModelConfig {
    require(!path.isBlank(), "path is empty, must name a model or a folder");
  }

  static ModelConfig from(Section section) {
    Section adapter = section.section("adapter");
    return section.build(
        () ->
            new ModelConfig(
                section.path("path"),
                adapter.build(
                    () ->
                        new AdapterConfig(
                            adapter.integer("rank"),
                            adapter.decimal("alpha"),
                            adapter.texts("targets"))),
                adapter.path("from")));
  }
}
