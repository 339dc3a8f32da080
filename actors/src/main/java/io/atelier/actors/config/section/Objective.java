package io.atelier.actors.config.section;

import java.util.List;

/** What the policy learns by. */
public enum Objective {
  /** A policy gradient over steps of the sampler that draw noise. */
  GRPO("GRPO"),
  /** Advantage Weighted Matching: flow matching on images that the sampler drew without noise. */
  AWM("AWM");

  /** Keys about steps that draw noise, which other objectives do not read. */
  private static final List<String> STEPS =
      List.of(
          "rollout.kernel",
          "rollout.noise-level",
          "rollout.trained-steps",
          "rollout.trained-from",
          "rollout.trained-to",
          "rollout.shared-start",
          "rollout.latents",
          "learner.clip-low",
          "learner.clip-high",
          "learner.kl",
          "learner.kl-weight",
          "learner.guard",
          "learner.staleness",
          "learner.staleness-cap");

  private final String title;

  Objective(String title) {
    this.title = title;
  }

  /** As papers write it. */
  public String title() {
    return title;
  }

  /** How a configuration writes it. */
  public String key() {
    return Section.spelled(this);
  }

  /** Keys, or sections of them, that are read by another objective and not by this one. */
  public List<String> unread() {
    return this == GRPO ? List.of("learner.awm") : STEPS;
  }
}
