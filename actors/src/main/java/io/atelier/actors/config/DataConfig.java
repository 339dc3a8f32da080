package io.atelier.actors.config;

/**
 * Where captions and reference images come from.
 *
 * @param prompts {@code emoji64} for the captions of the embedded pack's training concepts, or a
 *     text file with one caption on each line
 * @param references style of the embedded pack that the policy is pulled towards: {@code 3d},
 *     {@code flat} or {@code noto}; or a folder of images
 */
public record DataConfig(String prompts, String references) {

  static DataConfig from(Section section) {
    return section.build(() -> new DataConfig(section.text("prompts"), section.text("references")));
  }
}
