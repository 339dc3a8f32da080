package io.atelier.actors.people;

import java.util.List;

/**
 * A line of {@code labels.jsonl}. Of two lines about one picture the later one counts.
 *
 * @param time when it was said, milliseconds since 1970
 * @param who said it; empty if nobody gave a name
 * @param label one of {@link #LABELS}; {@link #NONE} takes back what was said before
 * @param picture below {@code pictures/} of the run
 * @param file copy of the picture, below the run folder
 * @param hash SHA-256 of the copy, lower-case hexadecimal
 * @param step that the image was trained in, from 1
 * @param group of the image, as in {@code groups.jsonl}
 * @param attempt of the group
 * @param image in the group, from 0
 * @param prompt of the group
 */
public record Label(
    long time,
    String who,
    String label,
    String picture,
    String file,
    String hash,
    int step,
    String group,
    int attempt,
    int image,
    String prompt) {

  /** What a person can say of a picture. */
  public static final String ARTIFACT = "artifact";

  public static final String GOOD = "good";
  public static final String NONE = "none";
  public static final List<String> LABELS = List.of(ARTIFACT, GOOD, NONE);

  public Label {
    if (!LABELS.contains(label)) {
      throw new IllegalArgumentException(
          "label is \"%s\", must be one of %s".formatted(label, String.join(", ", LABELS)));
    }
  }
}
