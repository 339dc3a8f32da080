package io.atelier.actors.ledger.model;

/** What a worker does, and which weights it holds for it. */
public enum Role {
  /** Generates groups with the policy. */
  ROLLOUT(Weights.POLICY),
  /** Scores groups with the critic. */
  REWARD(Weights.CRITIC);

  private final Weights weights;

  Role(Weights weights) {
    this.weights = weights;
  }

  public Weights weights() {
    return weights;
  }

  @Override
  public String toString() {
    return this == ROLLOUT ? "rollout" : "reward";
  }
}
