package io.atelier.actors.codec;

import io.atelier.models.vision.Images;
import io.atelier.rollout.ImageGroup;
import java.util.List;

/**
 * The images of a group, which a rollout worker draws and a reward worker scores.
 *
 * @param group the group
 * @param completions for each trained step the images that the states before it lead to without
 *     further noise: one for each image of the group, or one for all. Empty if credit is not given
 *     by step. They are only scored: no critic learns from them
 */
public record DrawnGroup(ImageGroup group, List<Images> completions) {

  public DrawnGroup {
    completions = List.copyOf(completions);
  }

  /** Returns the images of completion {@code t}, to be scored as a group. */
  public ImageGroup completion(int t) {
    return new ImageGroup(
        group.id(), group.prompt(), completions.get(t), group.policyVersion(), group.policyHash());
  }
}
