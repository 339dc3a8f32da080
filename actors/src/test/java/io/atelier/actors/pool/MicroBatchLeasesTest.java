package io.atelier.actors.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.pool.MicroBatchLeases.Lease;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MicroBatchLeasesTest {
  private final MicroBatchLeases<String> leases = new MicroBatchLeases<>(3, 40);

  private Lease<String> lease(String worker) {
    return leases.lease(worker, 3, 7).orElseThrow();
  }

  @Test
  void shouldLeaseInOrderAndEachOnce() {
    assertEquals(new Lease<>(41, 0, "a", 7), lease("a"));
    assertEquals(new Lease<>(42, 1, "b", 7), lease("b"));
    assertEquals(Optional.empty(), leases.lease("c", 2, 7), "one too far in advance");
    assertEquals(new Lease<>(43, 2, "a", 7), lease("a"));
    assertEquals(Optional.empty(), leases.lease("a", 3, 7));
    assertEquals(43, leases.lastOrder());
  }

  @Test
  void shouldFinishOnce() {
    Lease<String> first = lease("a");
    assertEquals(Optional.of(first), leases.finish(first.order()));
    assertEquals(Optional.empty(), leases.finish(first.order()));
    assertEquals(Optional.empty(), leases.of("a"));
  }

  @Test
  void shouldKnowALateResultByItsOrder() {
    Lease<String> slow = lease("a");
    assertEquals(List.of(slow), leases.takeBack(l -> l.worker().equals("a")));
    Lease<String> again = lease("b");
    assertEquals(slow.index(), again.index());
    assertTrue(again.order() > slow.order());
    assertEquals(Optional.empty(), leases.finish(slow.order()));
    assertEquals(Optional.of(again), leases.find(again.order()));
    assertEquals(Optional.of(again), leases.of("b"));
  }
}
