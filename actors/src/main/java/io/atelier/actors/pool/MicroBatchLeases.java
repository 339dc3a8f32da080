package io.atelier.actors.pool;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Who computes which micro-batch of an optimizer update. Each is leased until it is done or
 * revoked; results of a lease that has ended are recognised by their order number. A pure state
 * machine.
 *
 * @param <W> whoever computes
 */
final class MicroBatchLeases<W> {

  /**
   * A micro-batch that is being computed.
   *
   * @param order names the lease; no other one has it
   * @param index the micro-batch, by its place in the update
   * @param since when it was leased, in nanoseconds
   */
  record Lease<W>(long order, int index, W worker, long since) {}

  private final SortedSet<Integer> open = new TreeSet<>();
  private final Map<Long, Lease<W>> leases = new HashMap<>();
  private long lastOrder;

  /**
   * @param count micro-batches of the update
   * @param lastOrder number of the last lease of earlier updates
   */
  MicroBatchLeases(int count, long lastOrder) {
    this.lastOrder = lastOrder;
    for (int i = 0; i < count; i++) {
      open.add(i);
    }
  }

  /**
   * Leases the first micro-batch that is free.
   *
   * @param end only those before this one: results that cannot be summed yet take memory
   */
  Optional<Lease<W>> lease(W worker, int end, long now) {
    if (open.isEmpty() || open.first() >= end) {
      return Optional.empty();
    }
    Lease<W> lease = new Lease<>(++lastOrder, open.first(), worker, now);
    open.remove(lease.index());
    leases.put(lease.order(), lease);
    return Optional.of(lease);
  }

  /** The lease of this order, unless it ended. */
  Optional<Lease<W>> find(long order) {
    return Optional.ofNullable(leases.get(order));
  }

  /** The result of a lease is there. Returns the lease, unless it ended before. */
  Optional<Lease<W>> finish(long order) {
    return Optional.ofNullable(leases.remove(order));
  }

  /** The lease that this one has. */
  Optional<Lease<W>> of(W worker) {
    return leases.values().stream().filter(lease -> lease.worker().equals(worker)).findFirst();
  }

  /** Ends the leases that match; others may have their micro-batches. Returns these leases. */
  List<Lease<W>> takeBack(Predicate<Lease<W>> which) {
    List<Lease<W>> taken = new ArrayList<>(leases.values());
    taken.removeIf(which.negate());
    taken.forEach(lease -> leases.remove(lease.order()));
    taken.forEach(lease -> open.add(lease.index()));
    return taken;
  }

  /** Number of the last lease. */
  long lastOrder() {
    return lastOrder;
  }
}
