package io.atelier.actors.people;

import java.util.List;

/**
 * A line of {@code samples.jsonl}: a prompt of a person's own, drawn with the base and with a
 * checkpoint of the run from the same noise.
 *
 * @param time when it was drawn, milliseconds since 1970
 * @param checkpoint steps trained in it
 * @param prompt what is drawn
 * @param seed decides the noise, an unsigned number in decimal
 * @param steps denoising steps
 * @param guidance guidance scale
 * @param width columns of an image in pixels
 * @param height rows of an image in pixels
 * @param images those of the base, then those of the checkpoint in the same order of noise
 */
public record Sample(
    long time,
    int checkpoint,
    String prompt,
    String seed,
    int steps,
    double guidance,
    int width,
    int height,
    List<Image> images) {

  /**
   * An image.
   *
   * @param base whether the base drew it
   * @param file below the run folder
   */
  public record Image(boolean base, String file) {}

  public Sample {
    images = List.copyOf(images);
  }

  /** The files of the images of one of the two. */
  public List<String> files(boolean base) {
    return images.stream().filter(image -> image.base() == base).map(Image::file).toList();
  }
}
