package io.atelier.actors.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.pool.WorkQueue.Lease;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WorkQueueTest {
  private static final int END = 100;

  private final WorkQueue<String> queue = new WorkQueue<>();

  private void add(int count) {
    for (int i = 0; i < count; i++) {
      queue.add(i);
    }
  }

  private Lease<String> lease(String worker) {
    return queue.lease(worker, END, 7).orElseThrow();
  }

  private Lease<String> lateLease(String worker) {
    Lease<String> lease = lease(worker);
    assertEquals(List.of(lease), queue.takeBack(l -> l.worker().equals(worker)));
    return lease;
  }

  @Test
  void shouldGiveWorkInItsOrderToThoseThatAreIdle() {
    add(3);
    assertTrue(queue.ready("a"));
    assertTrue(queue.ready("b"));
    assertFalse(queue.ready("a"));
    assertEquals(List.of("a", "b"), queue.idle());
    assertEquals(new Lease<>(1, 0, "a", 7), lease("a"));
    assertEquals(Optional.empty(), queue.lease("a", END, 7), "it is at work");
    assertEquals(Optional.empty(), queue.lease("b", 1, 7), "one too far in advance");
    assertEquals(OptionalInt.of(1), queue.take(END), "for good");
    assertEquals(new Lease<>(2, 2, "b", 7), lease("b"));
    assertEquals(OptionalInt.empty(), queue.take(END));
    assertFalse(queue.waits());
  }

  @Test
  void shouldLetAWorkerHaveMoreWhileItsResultArrives() {
    add(2);
    queue.ready("a");
    Lease<String> first = lease("a");
    assertEquals(Optional.of(first), queue.answered("a", first.order()));
    assertTrue(queue.isArriving(first.order()));
    assertEquals(1, lease("a").work());
    assertEquals(Optional.of(first), queue.fetched(first.order()));
    assertEquals(Optional.empty(), queue.fetched(first.order()));
    assertEquals(Map.of("a", 1L), queue.workers());
  }

  @Test
  void shouldGiveAgainWhatFailed() {
    add(1);
    queue.ready("a");
    Lease<String> lease = lease("a");
    assertEquals(Optional.of(lease), queue.failed("a", lease.order()));
    assertTrue(queue.waits());
    assertEquals(List.of(), queue.idle(), "it has to say so first");
    queue.ready("a");
    Lease<String> again = lease("a");
    assertTrue(again.order() > lease.order());
    queue.answered("a", again.order());
    assertEquals(Optional.of(again), queue.notFetched(again.order()));
    assertEquals(0, lease("a").work());
  }

  @Test
  void shouldKeepTheLeaseOfAWorkerThatDoesNotKnowOfIt() {
    add(1);
    queue.ready("a");
    Lease<String> lease = lease("a");
    queue.ready("a");
    assertEquals(List.of(), queue.idle());
    assertEquals(Optional.of(lease), queue.held("a"));
  }

  @Test
  void shouldUseALateResultIfThereIsNoOther() {
    add(1);
    queue.ready("slow");
    queue.ready("fast");
    Lease<String> late = lateLease("slow");
    assertEquals(List.of("fast"), queue.idle(), "the slow one is still at it");
    Lease<String> again = lease("fast");
    assertEquals(Optional.of(late), queue.answered("slow", late.order()));
    assertEquals(Optional.empty(), queue.held("fast"));
    assertEquals(Optional.empty(), queue.answered("fast", again.order()));
    assertEquals(Optional.of(late), queue.fetched(late.order()));
    assertEquals(Map.of("slow", 1L, "fast", 0L), queue.workers());
    assertEquals(List.of("slow", "fast"), queue.idle());
  }

  @Test
  void shouldUseNoResultOfWhatWasWantedBefore() {
    add(1);
    queue.ready("a");
    Lease<String> before = lease("a");
    queue.clear();
    add(1);
    assertEquals(Optional.empty(), queue.answered("a", before.order()));
    assertEquals(0, lease("a").work());
  }

  @Test
  void shouldGiveToOthersWhatIsLostWithAWorker() {
    add(2);
    queue.ready("a");
    Lease<String> arriving = lease("a");
    queue.answered("a", arriving.order());
    Lease<String> held = lease("a");
    queue.gone("a");
    queue.ready("b");
    assertEquals(arriving.work(), lease("b").work());
    assertEquals(Optional.empty(), queue.answered("a", held.order()));
    assertEquals(Optional.of(arriving), queue.fetched(arriving.order()), "it was on its way");
    assertEquals(Map.of("b", 0L), queue.workers());
  }

  @Test
  void shouldGiveADismissedWorkerNothing() {
    add(1);
    queue.ready("a");
    lease("a");
    queue.dismiss("a");
    assertTrue(queue.waits());
    assertFalse(queue.ready("a"));
    assertEquals(List.of(), queue.idle());
    assertEquals(Set.of("a"), queue.dismissed());
    queue.gone("a");
    assertEquals(Set.of(), queue.dismissed());
  }
}
