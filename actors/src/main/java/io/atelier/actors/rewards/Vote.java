package io.atelier.actors.rewards;

import java.util.OptionalDouble;

/** A judge's answer to one question: whether image A or image B is better. */
sealed interface Vote {

  /**
   * An answer.
   *
   * @param probability that A is better, 0 to 1; empty if the answer does not end with a letter
   * @param text all that the judge wrote, its reasons first
   */
  record Cast(OptionalDouble probability, String text) implements Vote {}

  /** The judge, or a filter in front of it, refuses to answer this question. */
  record Refused(String reason) implements Vote {}
}
