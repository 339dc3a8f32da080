package io.atelier.actors.config;

import static io.atelier.actors.config.Rules.require;

/**
 * Where captions and reference images come from.
 *
 * @param prompts {@code emoji64} for the captions of the embedded pack's training concepts, or a
 *     text file with one caption, or a JSON object with "prompt", on each line
 * @param references style of the embedded pack that the policy is pulled towards: {@code 3d},
 *     {@code flat} or {@code noto}; or a folder of images
 * @param throughVae whether references pass once through the model's autoencoder, so that its blur
 *     does not give generated images away
 */
public record DataConfig(String prompts, String references, boolean throughVae) {

  public DataConfig {
    require(!prompts.isBlank(), "prompts is empty, must be emoji64 or a text file");
    require(!references.isBlank(), "references is empty, must be a style or a folder of images");
  }

  static DataConfig from(Section section) {
    return section.build(
        () ->
            new DataConfig(
                section.path("prompts"), section.path("references"), section.flag("through-vae")));
  }
}
