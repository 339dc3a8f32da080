package io.atelier.actors.config.run;

import static io.atelier.actors.config.section.Rules.require;

import io.atelier.actors.config.section.Section;

/**
 * Pictures of training images.
 *
 * @param megabytes that they may take in the run folder, in MiB; 0 where none are made
 * @param pixels most rows and columns of one, at least 16
 * @param groups per step of which all images are kept
 */
public record PicturesConfig(int megabytes, int pixels, int groups) {

  private static final int SMALLEST = 16;
  private static final int LARGEST = 8192;

  public PicturesConfig {
    require(
        megabytes >= 0, "megabytes is %d, must not be negative; 0 makes no pictures", megabytes);
    require(
        pixels >= SMALLEST && pixels <= LARGEST,
        "pixels is %d, must be %d to %d",
        pixels,
        SMALLEST,
        LARGEST);
    require(groups >= 0, "groups is %d, must not be negative", groups);
  }

  /** Returns the most rows and columns of the pictures that are made; 0 for none. */
  public int made() {
    return megabytes == 0 ? 0 : pixels;
  }

  public static PicturesConfig from(Section section) {
    return section.build(
        () ->
            new PicturesConfig(
                section.integer("megabytes"),
                section.integer("pixels"),
                section.integer("groups")));
  }
}
