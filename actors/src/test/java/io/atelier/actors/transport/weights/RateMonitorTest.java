package io.atelier.actors.transport.weights;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RateMonitorTest {
  private static final long LOOK = 250_000_000L;
  private static final long FAST = 100_000_000L;

  private final RateMonitor rate = new RateMonitor();
  private long now;
  private long bytes;

  /** Sends so many bytes between two looks. */
  private boolean isTooSlow(long sent) {
    now += LOOK;
    bytes += sent;
    return rate.isTooSlow(true, bytes, now);
  }

  private boolean rests() {
    return rate.isTooSlow(false, bytes, now);
  }

  private void startFast() {
    assertFalse(rate.isTooSlow(true, bytes, now));
    assertFalse(isTooSlow(FAST));
  }

  @Test
  void shouldGoOnWhenAReceiverStoodStillForAMoment() {
    startFast();
    for (int i = 0; i < 10; i++) {
      assertFalse(isTooSlow(0));
      assertFalse(isTooSlow(FAST / 2));
    }
  }

  @Test
  void shouldGiveUpWhatIsMuchSlowerThanAnEarlierOne() {
    startFast();
    assertFalse(rests());
    assertFalse(rate.isTooSlow(true, bytes, now));
    assertFalse(isTooSlow(FAST / 5));
    assertTrue(isTooSlow(FAST / 5));
  }

  @Test
  void shouldGiveUpTheFirstIfItIsSlowerThanAnyLink() {
    assertFalse(rate.isTooSlow(true, bytes, now));
    assertFalse(isTooSlow(1_000_000));
    assertTrue(isTooSlow(1_000_000));
  }

  @Test
  void shouldKeepWhatIsAsSlowAsALinkCanBe() {
    assertFalse(rate.isTooSlow(true, bytes, now));
    for (int i = 0; i < 10; i++) {
      assertFalse(isTooSlow(2_500_000));
    }
  }

  @Test
  void shouldNotCountTheTimeInWhichNothingIsSent() {
    startFast();
    assertFalse(isTooSlow(0));
    assertFalse(rests());
    now += 100 * LOOK;
    assertFalse(rate.isTooSlow(true, bytes, now));
    assertFalse(isTooSlow(0));
    assertTrue(isTooSlow(0));
  }

  @Test
  void shouldNotLookAgainBeforeThereIsSomethingToSee() {
    startFast();
    for (int i = 0; i < 10; i++) {
      now += LOOK / 20;
      assertFalse(rate.isTooSlow(true, bytes, now));
    }
  }
}
