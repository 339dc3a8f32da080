package io.atelier.learner.loss;

/** Source of the credit of an image's places, see {@link PlaceCredit}. */
public enum PlaceSource {
  /** Every place gets the advantage of its image. */
  NONE,
  /** How far the noise that was drawn points along the prompt's contribution to the step. */
  CONTRAST,
  /**
   * How much likelier the prompt makes the step; most of this does not depend on the noise drawn.
   */
  CONTRAST_RAW,
  /** The critic's score of the place. */
  CRITIC;

  /** Whether it is computed from both branches of the guidance. */
  public boolean contrasts() {
    return this == CONTRAST || this == CONTRAST_RAW;
  }
}
