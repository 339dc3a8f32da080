package io.atelier.reward.artifact;

import io.atelier.models.vision.Encoder;
import io.atelier.reward.Reward;
import io.atelier.rollout.ImageGroup;
import java.util.Map;

/**
 * Rewards images for being free of artifacts, independent of their prompt, by a frozen {@link
 * ArtifactHead} and an {@link ArtifactGuard}. Parts: {@code p}, the probability that an image is
 * clean, and {@code z}, its logit of damage.
 *
 * <p>After the artifact reward of Hong et al. (arXiv 2601.03468), which uses a vision-language
 * model; here it is a head on features, trained on pairs.
 */
public final class ArtifactReward implements Reward {

  /** Name of its section in a configuration, and of its scores. */
  public static final String NAME = "artifact";

  private final Encoder encoder;
  private final ArtifactHead head;
  private final ArtifactGuard guard;

  /**
   * @param encoder closed with this, like the head
   */
  public ArtifactReward(Encoder encoder, ArtifactHead head, ArtifactGuard guard) {
    this.encoder = encoder;
    this.head = head;
    this.guard = guard;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Outcome score(ImageGroup group) {
    float[] damage = head.damage(head.view().features(encoder, group.images()));
    float[] clean = new float[damage.length];
    float[] scores = new float[damage.length];
    for (int n = 0; n < scores.length; n++) {
      clean[n] = (float) ArtifactHead.clean(damage[n]);
      scores[n] = (float) guard.score(clean[n]);
    }
    return new Scored(scores, Map.of("p", clean, "z", damage));
  }

  @Override
  public void close() {
    head.close();
    encoder.close();
  }
}
