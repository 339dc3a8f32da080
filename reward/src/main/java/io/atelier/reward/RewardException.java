package io.atelier.reward;

import io.atelier.rollout.GroupId;

/** A reward failed through its own fault, not the group's, so a retry would not help. */
public final class RewardException extends RuntimeException {

  public RewardException(String reward, GroupId group, String problem, Throwable cause) {
    super("reward \"%s\" failed on group %s: %s".formatted(reward, group, problem), cause);
  }
}
