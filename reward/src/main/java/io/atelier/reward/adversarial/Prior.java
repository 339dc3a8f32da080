package io.atelier.reward.adversarial;

import io.atelier.reward.Reward;
import io.atelier.reward.Reward.Absent;
import io.atelier.reward.Reward.Outcome;
import io.atelier.reward.Reward.Scored;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import java.util.List;
import java.util.function.Supplier;

/**
 * Recipe of the reward that a {@link ResidualConfig} names: workers create one for generated
 * images, the critic one for references. The same image and prompt must always have the same score.
 *
 * @param reward creates it; called on the thread that will own it
 * @param prompts prompts of the run, under which references are scored
 */
public record Prior(Supplier<Reward> reward, List<Prompt> prompts) {

  public Prior {
    prompts = List.copyOf(prompts);
    if (prompts.isEmpty()) {
      throw new IllegalArgumentException("a prior without prompts cannot score references");
    }
  }

  /**
   * Returns the scores of a group, or why there are none.
   *
   * @throws IllegalArgumentException if the prior does not apply to the group: a residual without
   *     its prior cannot be compared with others
   */
  static Outcome score(Reward prior, ImageGroup group) {
    Outcome outcome = prior.score(group);
    if (outcome instanceof Absent none) {
      throw new IllegalArgumentException(
          "its prior \"%s\" does not apply to the prompt \"%s\" (%s), and a prior must score every image; name another in residual.prior, or leave such prompts out"
              .formatted(prior.name(), group.prompt().text(), none.reason()));
    }
    if (outcome instanceof Scored scored && scored.total().length != group.images().count()) {
      throw new IllegalArgumentException(
          "its prior \"%s\" gave %d scores for %d images"
              .formatted(prior.name(), scored.total().length, group.images().count()));
    }
    return outcome;
  }
}
