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
 * @param base images by the base, below the run folder
 * @param now images by the checkpoint, in the same order of noise
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
    List<String> base,
    List<String> now) {

  public Sample {
    base = List.copyOf(base);
    now = List.copyOf(now);
  }
}
