package io.atelier.actors.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class WarmUpTest {
  private static final long SECOND = 1_000_000_000L;

  private final WarmUp warmUp = new WarmUp(10, Duration.ofSeconds(30), 5 * SECOND);

  private boolean isOver(int done, long second, double compiledSeconds) {
    return warmUp.isOver(done, (5 + second) * SECOND, (long) (compiledSeconds * SECOND));
  }

  @Test
  void shouldEndWhenTheCompilersAreQuiet() {
    assertFalse(isOver(10, 1, 0));
    assertFalse(isOver(20, 5, 2));
    assertFalse(isOver(30, 10, 2.2));
    assertFalse(isOver(31, 11, 2.2));
    assertTrue(isOver(40, 15, 2.29));
  }

  @Test
  void shouldHaveSomeRoundsAndTheLimit() {
    assertFalse(isOver(5, 6, 0));
    assertFalse(isOver(9, 40, 30));
    assertTrue(isOver(10, 41, 60));
  }

  @Test
  void shouldLookAtTheCompilersWithinTheTimeThereIs() {
    WarmUp brief = new WarmUp(2, Duration.ofSeconds(6), 0);
    assertFalse(brief.isOver(2, 1 * SECOND, SECOND));
    assertFalse(brief.isOver(3, 2 * SECOND, 2 * SECOND));
    assertFalse(brief.isQuiet());
    assertTrue(brief.isOver(4, 4 * SECOND, 2 * SECOND));
    assertTrue(brief.isQuiet());
    WarmUp busy = new WarmUp(2, Duration.ofSeconds(6), 0);
    assertFalse(busy.isOver(2, 5 * SECOND, 5 * SECOND));
    assertTrue(busy.isOver(3, 7 * SECOND, 7 * SECOND));
    assertFalse(busy.isQuiet(), "it ended by time");
  }

  @Test
  void shouldReadWhatItWrites() {
    Usage used = new Usage(123, 45);
    assertEquals(used, Usage.parse(used.toString()));
    assertTrue(Usage.now().cpu() > 0);
  }
}
