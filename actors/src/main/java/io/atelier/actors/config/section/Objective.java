package io.atelier.actors.config.section;

import java.util.List;

/** Training objectives of the policy. */
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

  /** Returns the name that papers use. */
  public String title() {
    return title;
  }

  /** Returns the name that configurations use. */
  public String key() {
    return Section.spelled(this);
  }

  /** Returns keys and sections that another objective reads and this one does not. */
  public List<String> unread() {
    return this == GRPO ? List.of("learner.awm") : STEPS;
  }
}
