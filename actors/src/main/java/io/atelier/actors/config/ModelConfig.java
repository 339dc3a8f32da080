package io.atelier.actors.config;

import static io.atelier.actors.config.Rules.require;

import io.atelier.models.sd3.AdapterConfig;

/**
 * The model that is post-trained.
 *
 * @param path {@code emoji64} for the embedded one, or a pipeline folder as diffusers writes it
 * @param t5Length tokens that T5 reads of a prompt, at least 1; of no effect without T5
 * @param adapter the low-rank adapter that is trained
 */
public record ModelConfig(String path, int t5Length, AdapterConfig adapter) {

  public ModelConfig {
    require(!path.isBlank(), "path is empty, must name a model or a folder");
    require(t5Length >= 1, "t5-length is %d, must be at least 1", t5Length);
  }

  static ModelConfig from(Section section) {
    Section adapter = section.section("adapter");
    return section.build(
        () ->
            new ModelConfig(
                section.text("path"),
                section.integer("t5-length"),
                adapter.build(
                    () ->
                        new AdapterConfig(
                            adapter.integer("rank"),
                            adapter.decimal("alpha"),
                            adapter.texts("targets")))));
  }
}
