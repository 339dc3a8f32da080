package io.atelier.tests.toy;

import io.atelier.actors.ledger.state.LedgerConfig;
import io.atelier.actors.ledger.state.LedgerConfig.OnUnscorable;
import java.time.Duration;

/** Time limits for tests. */
public final class Limits {
  private Limits() {}

  public static LedgerConfig.Limits of(
      Duration lease, Duration watchdog, int retries, OnUnscorable onUnscorable) {
    return new LedgerConfig.Limits(
        lease,
        lease,
        lease,
        lease,
        Duration.ofSeconds(40),
        Duration.ofMinutes(10), // a clock that is turned by a minute is no pause of the conductor
        watchdog,
        Duration.ofMillis(1),
        retries,
        onUnscorable,
        2);
  }

  public static LedgerConfig with(LedgerConfig config, LedgerConfig.Limits limits) {
    return new LedgerConfig(
        config.schedule(),
        config.groupsPerStep(),
        config.steps(),
        config.critic(),
        config.checkpointEvery(),
        config.evaluateEvery(),
        limits);
  }
}
