package io.atelier.actors.rewards;

/** What a model answers to a question about one image. */
sealed interface YesNo {

  /**
   * An answer.
   *
   * @param no probability of no against that of yes, 0 to 1
   */
  record Answered(double no) implements YesNo {}

  /** The model, or what guards it, will not answer this question. */
  record Refused(String reason) implements YesNo {}
}
