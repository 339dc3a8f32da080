package io.atelier.actors.run.metrics;

/** The kind of prompts that a policy is measured on; figures of the two are not comparable. */
public enum MeasuredPrompts {
  /** Never trained on. */
  HELD_OUT("held out", "held-out", "heldOut", "Held-out measurements"),
  /** Some of the prompts that are trained on. */
  TRAINED(
      "trained prompts", "trained-prompts", "trainedPrompts", "Measurements on trained prompts");

  private final String text;
  private final String key;
  private final String summary;
  private final String heading;

  MeasuredPrompts(String text, String key, String summary, String heading) {
    this.text = text;
    this.key = key;
    this.summary = summary;
    this.heading = heading;
  }

  /** Spelling in a line on the terminal. */
  String text() {
    return text;
  }

  /** Spelling in {@code evaluations.jsonl} and in the names of curves. */
  public String key() {
    return key;
  }

  /** The key of {@code RunSummary}'s measurements in its file. */
  public String summary() {
    return summary;
  }

  /** Heading in the report. */
  String heading() {
    return heading;
  }

  /** The heading for a {@link #key} of a file. */
  public static String headingOf(Object key) {
    for (MeasuredPrompts prompts : values()) {
      if (prompts.key.equals(key)) {
        return prompts.heading;
      }
    }
    return "Measurements";
  }
}
