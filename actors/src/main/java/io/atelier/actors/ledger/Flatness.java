package io.atelier.actors.ledger;

import io.atelier.reward.Reward;
import io.atelier.rollout.GroupId;

/**
 * Tells groups whose images all have one reward, so that none is better than another. Pure: the
 * same arguments, the same answer.
 */
@FunctionalInterface
public interface Flatness {

  /** No group is flat. */
  Flatness NONE = (id, attempt, scores) -> false;

  /**
   * @param attempt how often the group was replaced
   */
  boolean isFlat(GroupId id, int attempt, Reward.Scored scores);
}
