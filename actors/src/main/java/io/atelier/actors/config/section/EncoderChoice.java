package io.atelier.actors.config.section;

import static io.atelier.actors.config.section.Rules.require;

import io.atelier.models.encoder.Encoders;
import io.atelier.models.encoder.Encoders.Colours;

/**
 * A frozen encoder of images, and how its inputs are made.
 *
 * @param name of an embedded one, or a file or folder
 * @param pixels rows and columns that images are resized to first, 1 to 4096
 * @param colours how pixel values become its inputs
 */
public record EncoderChoice(String name, int pixels, Colours colours) {

  /** Eight times the input of the largest encoders; far more would take all memory. */
  private static final int MOST_PIXELS = 4096;

  public EncoderChoice {
    require(!name.isEmpty(), "encoder is empty, must name one, such as %s", Encoders.LITE0);
    require(
        pixels >= 1 && pixels <= MOST_PIXELS,
        "encoder-pixels is %d, must be 1 to %d",
        pixels,
        MOST_PIXELS);
  }

  public static EncoderChoice from(Section section) {
    return section.build(
        () ->
            new EncoderChoice(
                section.path("encoder"),
                section.integer("encoder-pixels"),
                section.choice("encoder-colours", Colours.class)));
  }
}
