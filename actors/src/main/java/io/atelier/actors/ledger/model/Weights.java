package io.atelier.actors.ledger.model;

/** The two weight streams of a run. */
public enum Weights {
  POLICY,
  CRITIC;

  @Override
  public String toString() {
    return this == POLICY ? "policy" : "critic";
  }
}
