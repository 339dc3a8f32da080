package io.atelier.reward.clip;

import io.atelier.models.encoder.Clip;
import io.atelier.reward.Reward;
import io.atelier.rollout.ImageGroup;
import java.util.Map;

/**
 * Look of an image, independent of its prompt: the rating of {@link AestheticHead}, about 1 to 10.
 */
public final class AestheticReward implements Reward {

  private final String name;
  private final Clip clip;
  private final AestheticHead head;

  /**
   * @param name under which the scores are reported
   * @param clip closed by its owner; may be shared with other rewards
   */
  public AestheticReward(String name, Clip clip, AestheticHead head) {
    this.name = name;
    this.clip = clip;
    this.head = head;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Outcome score(ImageGroup group) {
    float[] images = clip.images(group.images());
    float[] scores = new float[group.images().count()];
    for (int n = 0; n < scores.length; n++) {
      scores[n] = (float) head.rating(images, n * clip.width());
    }
    return new Scored(scores, Map.of());
  }
}
