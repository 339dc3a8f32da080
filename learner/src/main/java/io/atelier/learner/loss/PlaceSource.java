package io.atelier.learner.loss;

/** What tells the places of an image apart, see {@link PlaceCredit}. */
public enum PlaceSource {
  /** Every place gets the advantage of its image. */
  NONE,
  /** How the step that was taken leans to what the prompt adds to it. */
  CONTRAST,
  /** How much likelier the prompt makes the step; most of it is the same whatever was drawn. */
  CONTRAST_RAW,
  /** What the critic says of the place. */
  CRITIC;

  /** Whether it is made of both branches of the guidance. */
  public boolean contrasts() {
    return this == CONTRAST || this == CONTRAST_RAW;
  }
}
