package io.atelier.actors.codec;

import io.atelier.models.vision.Images;
import io.atelier.rollout.ImageGroup;
import java.util.List;

/**
 * What a rollout worker draws of a group and a reward worker scores.
 *
 * @param group the group
 * @param completions for each trained step the images that the states before it lead to without
 *     further noise: one for each image of the group, or one for all. Empty where credit is not
 *     given by step. They are scored and forgotten: no critic learns from them
 */
public record DrawnGroup(ImageGroup group, List<Images> completions) {

  public DrawnGroup {
    completions = List.copyOf(completions);
  }

  /** The images of completion {@code t}, to be scored as a group. */
  public ImageGroup completion(int t) {
    return new ImageGroup(
        group.id(), group.prompt(), completions.get(t), group.policyVersion(), group.policyHash());
  }
}
