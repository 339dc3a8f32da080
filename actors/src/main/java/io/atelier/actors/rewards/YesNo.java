package io.atelier.actors.rewards;

/** A model's answer to a question about one image. */
sealed interface YesNo {

  /**
   * An answer.
   *
   * @param no probability of no relative to yes, 0 to 1
   */
  record Answered(double no) implements YesNo {}

  /** The model, or a filter in front of it, refuses to answer this question. */
  record Refused(String reason) implements YesNo {}
}
