package io.atelier.learner.advantage;

/** How the rewards of a group become the weights of its samples. */
public enum Weighting {
  /** Reward less the group's mean, over a standard deviation (Shao et al. 2024). */
  GRPO,
  /** The reward itself. */
  RWR,
  /**
   * The reward itself, where a graph normalises each of its parts: MixGRPO's {@code advantage_aggr}
   * (arXiv 2507.21802). {@link #GRPO} on a sum of parts is its {@code reward_aggr}.
   */
  GRAPH,
  /** 1 at each maximum of the group, else 0. */
  SFT,
  /** 1 at the first maximum of the group, -1 at the first minimum, else 0. */
  DPO;

  /**
   * Whether a sample's weight depends on what others of its group got. If so, a group of one
   * sample, or one whose rewards are equal, says nothing of which sample is better.
   */
  public boolean comparesWithinGroup() {
    return this != RWR;
  }
}
