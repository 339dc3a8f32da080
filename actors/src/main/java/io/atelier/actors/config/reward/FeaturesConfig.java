package io.atelier.actors.config.reward;

import io.atelier.actors.config.section.EncoderChoice;
import io.atelier.actors.config.section.Section;
import java.util.Optional;

/**
 * Features by which rewards compare images.
 *
 * @param encoder of the images
 * @param vector which of its vectors; empty for the first that it has
 */
public record FeaturesConfig(EncoderChoice encoder, Optional<String> vector) {

  /** Name of the section. */
  public static final String SECTION = "reward.features";

  static FeaturesConfig from(Section section) {
    String vector = section.text("vector");
    return new FeaturesConfig(
        EncoderChoice.from(section),
        vector.equals("auto") ? Optional.empty() : Optional.of(vector));
  }
}
