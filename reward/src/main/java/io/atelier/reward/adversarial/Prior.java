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
 * The reward that a {@link ResidualConfig} names, as a recipe: workers make one for generated
 * images, the critic one for references. The same image and prompt must always have the same score.
 *
 * @param reward makes it; called on the thread that will own it
 * @param prompts those of the run, under which references are scored
 */
public record Prior(Supplier<Reward> reward, List<Prompt> prompts) {

  public Prior {
    prompts = List.copyOf(prompts);
    if (prompts.isEmpty()) {
      throw new IllegalArgumentException("a prior without prompts cannot score references");
    }
  }

  /**
   * Scores of a group, or why there are none yet or never.
   *
   * @throws IllegalArgumentException if the prior does not apply to the group: beside images with a
   *     prior, a residual says nothing of one without
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
