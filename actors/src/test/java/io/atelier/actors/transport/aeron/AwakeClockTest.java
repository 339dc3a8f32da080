package io.atelier.actors.transport.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AwakeClockTest {

  private static final long LATE = 800;

  private final AtomicLong time = new AtomicLong(5_000);
  private final AwakeClock clock = new AwakeClock(time::get, LATE);

  private void turnAfter(long nanos) {
    time.addAndGet(nanos);
    clock.turn();
  }

  @Test
  void shouldRunWhileItsThreadIsAwake() {
    long begin = clock.now();
    for (int i = 0; i < 10; i++) {
      turnAfter(LATE);
    }
    assertEquals(10 * LATE, clock.now() - begin);
    time.addAndGet(7);
    assertEquals(10 * LATE + 7, clock.now() - begin, "between two turns as well");
  }

  @Test
  void shouldStandStillWhileItsThreadDoes() {
    turnAfter(1);
    long before = clock.now();
    turnAfter(8_000_000);
    assertEquals(LATE, clock.now() - before);
    turnAfter(10);
    assertEquals(LATE + 10, clock.now() - before);
  }

  @Test
  void shouldStandStillInTheMiddleOfATurn() {
    turnAfter(1);
    long before = clock.now();
    time.addAndGet(8_000_000);
    assertEquals(LATE, clock.now() - before);
    turnAfter(0);
    assertEquals(LATE, clock.now() - before, "it does not run back");
  }

  @Test
  void shouldGoOnIfAllTurnsAreLate() {
    long begin = clock.now();
    for (int i = 0; i < 100; i++) {
      turnAfter(10 * LATE);
    }
    assertEquals(100 * LATE, clock.now() - begin);
  }
}
