package io.atelier.tests.transport;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits for what another thread does. */
final class Eventually {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final long PAUSE_MILLIS = 5;

  private Eventually() {}

  static void holds(BooleanSupplier condition) {
    for (long waited = 0; !condition.getAsBoolean(); waited += PAUSE_MILLIS) {
      assertTrue(waited < LIMIT.toMillis(), "it did not happen within " + LIMIT);
      CompletableFuture.runAsync(
              () -> {}, CompletableFuture.delayedExecutor(PAUSE_MILLIS, TimeUnit.MILLISECONDS))
          .join();
    }
  }
}
