package io.atelier.learner.advantage;

/** How the rewards of a group become the weights of its samples. */
public enum Weighting {
  /**
   * Reward minus the group's mean, over a standard deviation (Shao et al. 2024, arXiv 2402.03300).
   */
  GRPO,
  /** The reward itself. */
  RWR,
  /**
   * The reward itself, if a graph normalises each of its parts: MixGRPO's {@code advantage_aggr}
   * (arXiv 2507.21802). {@link #GRPO} on a sum of parts is MixGRPO's {@code reward_aggr}.
   */
  GRAPH,
  /** 1 at each maximum of the group, otherwise 0. */
  SFT,
  /** 1 at the first maximum of the group, -1 at the first minimum, otherwise 0. */
  DPO;

  /**
   * Whether a sample's weight depends on the rewards of others in its group. If so, a group of one
   * sample, or one whose rewards are equal, does not tell which sample is better.
   */
  public boolean comparesWithinGroup() {
    return this != RWR;
  }
}
