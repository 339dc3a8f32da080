package io.atelier.actors.config.reward;

import io.atelier.actors.config.section.Section;
import java.util.List;

/** Kinds of adversarial rewards, with the keys of their sections that only another kind reads. */
public enum AdversarialKind {
  /** A head on a frozen encoder. */
  DISCRIMINATOR(List.of("reward.adversarial.trained-layers")),
  /** A CLIP whose last layers learn. */
  PICKSCORE(
      List.of(
          "reward.adversarial.encoder-pixels",
          "reward.adversarial.encoder-colours",
          "reward.adversarial.hidden",
          "reward.adversarial.vectors",
          "reward.adversarial.statistics",
          "reward.adversarial.maps",
          "reward.adversarial.shared-projection",
          "reward.adversarial.normalise",
          "reward.adversarial.sees-prompt",
          "reward.adversarial.global-weight",
          "reward.adversarial.local-weight",
          "reward.adversarial.top-share",
          "reward.adversarial.fusion",
          "reward.adversarial.temperature",
          "reward.adversarial.score-places",
          "reward.adversarial.kept-places",
          "reward.adversarial.blur",
          "reward.adversarial.noise",
          "reward.adversarial.aggregate",
          "reward.adversarial.residual.prior",
          "reward.adversarial.residual.scale",
          "reward.adversarial.residual.sees-prior",
          "reward.adversarial.residual.agree",
          "reward.adversarial.residual.disagree",
          "critic.global-loss",
          "critic.local-loss",
          "critic.places",
          "critic.feature-noise",
          "critic.wrong-prompt",
          "critic.skip-above",
          "critic.own-prompt",
          "critic.replay-capacity",
          "critic.replay-share",
          "critic.statistics-images",
          "critic.members",
          "critic.bootstrap"));

  private final List<String> unread;

  AdversarialKind(List<String> unread) {
    this.unread = unread;
  }

  /** Returns keys of the sections of {@code reward.adversarial} without effect with this kind. */
  public List<String> unread() {
    return unread;
  }

  /** As it is written in a configuration. */
  public String key() {
    return Section.spelled(this);
  }
}
