package io.atelier.actors.config.run;

/** What is done with a prompt of more tokens than the model reads. */
public enum TooLong {
  /** Its first tokens are read, as diffusers does it; the log counts and names such prompts. */
  TRUNCATE,
  /** It is an error. */
  FAIL
}
