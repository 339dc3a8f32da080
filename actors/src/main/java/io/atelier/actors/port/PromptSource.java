package io.atelier.actors.port;

import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;

/** The prompt of every group: a pure function of the run's seed and its arguments. */
@FunctionalInterface
public interface PromptSource {

  /**
   * @param id the group
   * @param attempt how often the group was replaced because its images could not be scored, from 0
   */
  Prompt prompt(GroupId id, int attempt);
}
