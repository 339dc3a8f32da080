package io.atelier.actors.config;

import io.atelier.actors.config.section.Section;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.ledger.state.LedgerConfig;

/** Reads the sections {@code schedule} and {@code limits}. */
final class LedgerSections {

  private LedgerSections() {}

  static Schedule schedule(Section section) {
    Schedule.Mode mode = section.choice("mode", Schedule.Mode.class);
    int policyLag = section.integer("policy-lag");
    int depth = section.integer("depth");
    if (depth != 0 && mode != Schedule.Mode.FREE_RUNNING) {
      throw section.broken("depth", "counts only where schedule.mode is free-running");
    }
    return section.build(
        () ->
            new Schedule(
                mode,
                policyLag,
                section.integer("critic-lag"),
                mode == Schedule.Mode.FREE_RUNNING ? depth : policyLag));
  }

  static LedgerConfig.Limits limits(Section section) {
    return section.build(
        () ->
            new LedgerConfig.Limits(
                section.duration("rollout-lease"),
                section.duration("reward-lease"),
                section.duration("load"),
                section.duration("evaluation"),
                section.duration("silence"),
                section.duration("node-silence"),
                section.duration("watchdog"),
                section.duration("retry-delay"),
                section.integer("score-retries"),
                section.choice("on-unscorable", LedgerConfig.OnUnscorable.class),
                section.integer("replacements")));
  }
}
