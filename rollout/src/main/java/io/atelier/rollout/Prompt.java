package io.atelier.rollout;

/**
 * A caption to draw.
 *
 * @param index number of the prompt in its set, from 0: the key by which references and statistics
 *     are kept (two prompts may have the same text)
 * @param text the caption
 * @param attributes other attributes from the prompt file, as a JSON object; empty for none
 */
public record Prompt(int index, String text, String attributes) {

  /** A caption without attributes. */
  public Prompt(int index, String text) {
    this(index, text, "");
  }
}
