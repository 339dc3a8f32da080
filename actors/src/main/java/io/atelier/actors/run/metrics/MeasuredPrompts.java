package io.atelier.actors.run.metrics;

/** What the prompts are that a policy is measured on; figures of the two are no substitutes. */
public enum MeasuredPrompts {
  /** Never trained on. */
  HELD_OUT("held out", "held-out", "heldOut", "Held-out measurements"),
  /** Some of those that are trained on. */
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

  /** As a line on the terminal says it. */
  String text() {
    return text;
  }

  /** As lines of {@code evaluations.jsonl} and curves say it. */
  public String key() {
    return key;
  }

  /** The key of {@code RunSummary}'s measurements in its file. */
  public String summary() {
    return summary;
  }

  /** As the report says it. */
  String heading() {
    return heading;
  }

  /** The heading of what a file calls so. */
  public static String headingOf(Object key) {
    for (MeasuredPrompts prompts : values()) {
      if (prompts.key.equals(key)) {
        return prompts.heading;
      }
    }
    return "Measurements";
  }
}
