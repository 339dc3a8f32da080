package io.atelier.reward.graph;

import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import java.util.Map;

/**
 * The raw scores of one group.
 *
 * @param images number of images of the group
 * @param leaves one finite score for each image, by the name of the reward; a reward that does not
 *     apply to the group is left out
 */
public record ScoreTable(GroupId id, Prompt prompt, int images, Map<String, float[]> leaves) {

  public ScoreTable {
    leaves = Map.copyOf(leaves);
    leaves.forEach(
        (name, scores) -> {
          if (scores.length != images) {
            throw new IllegalArgumentException(
                "group %s has %d images, but %d scores of reward \"%s\""
                    .formatted(id, images, scores.length, name));
          }
        });
  }
}
