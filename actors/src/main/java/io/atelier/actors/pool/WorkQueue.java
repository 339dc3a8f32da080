package io.atelier.actors.pool;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Work that waits, the workers that are there, and who has what. A worker has a piece of work by a
 * lease, until its result is fetched or the lease is taken back; then another worker may have it,
 * and whichever result is fetched first counts. A pure state machine.
 *
 * <p>A lease is <em>held</em> while its worker is at it, and <em>arriving</em> from the worker's
 * answer on, when the worker can have another one. A worker whose lease was taken back is neither
 * idle nor at work: it gets nothing before it answers or says that it is ready.
 *
 * @param <W> a worker
 */
final class WorkQueue<W> {

  /**
   * A piece of work that a worker was given.
   *
   * @param order names the lease; no other one of this queue has it
   * @param work the piece of work, by its number
   * @param since when it was given, in nanoseconds
   */
  record Lease<W>(long order, int work, W worker, long since) {}

  private static final long NOBODY = 0;

  /** Those that are there, and how many of their results were used. */
  private final Map<W, Long> workers = new LinkedHashMap<>();

  private final Set<W> dismissed = new HashSet<>();

  /** Who can have work, those first that have waited longest. */
  private final Set<W> idle = new LinkedHashSet<>();

  /** All work whose result is not there, and the order of the lease that it has. */
  private final SortedMap<Integer, Long> wanted = new TreeMap<>();

  /** What each worker is at, even if its lease was taken back. */
  private final Map<W, Lease<W>> current = new LinkedHashMap<>();

  /** What workers have answered and is being fetched, even if the lease was taken back. */
  private final Map<Long, Lease<W>> arriving = new HashMap<>();

  private long lastOrder;

  // ---------------------------------------------------------------- work

  /** Wants this piece of work done. */
  void add(int work) {
    wanted.put(work, NOBODY);
  }

  /** Whether there is work that nobody has. */
  boolean waits() {
    return wanted.containsValue(NOBODY);
  }

  /** Wants a piece of work no more. Who is at it stays there. */
  void drop(int work) {
    wanted.remove(work);
  }

  /** Wants nothing any more, and no results of what was wanted. */
  void clear() {
    wanted.clear();
    current.clear();
    arriving.clear();
  }

  /**
   * Takes the first piece of work that nobody has, for good.
   *
   * @param end only those before this one
   */
  OptionalInt take(int end) {
    OptionalInt first = first(end);
    first.ifPresent(wanted::remove);
    return first;
  }

  private OptionalInt first(int end) {
    return wanted.headMap(end).entrySet().stream()
        .filter(work -> work.getValue() == NOBODY)
        .mapToInt(Map.Entry::getKey)
        .findFirst();
  }

  // ---------------------------------------------------------------- workers

  /**
   * A worker says that it has nothing to do. It is idle then, unless it has a lease, of which it
   * does not know: that was lost on its way, or is still to arrive, or the answer was lost.
   *
   * @return whether it was not known
   */
  boolean ready(W worker) {
    if (dismissed.contains(worker)) {
      return false;
    }
    boolean unknown = workers.putIfAbsent(worker, 0L) == null;
    if (held(worker).isEmpty()) {
      current.remove(worker);
      idle.add(worker);
    }
    return unknown;
  }

  /** A worker is gone; others may have its work. */
  void gone(W worker) {
    takeBack(lease -> lease.worker().equals(worker));
    current.remove(worker);
    workers.remove(worker);
    idle.remove(worker);
    dismissed.remove(worker);
  }

  /** A worker is to have no work any more, as long as it is there. */
  void dismiss(W worker) {
    gone(worker);
    dismissed.add(worker);
  }

  /** Those that are there, in the order in which they came, and how many results were used. */
  Map<W, Long> workers() {
    return Collections.unmodifiableMap(workers);
  }

  Set<W> dismissed() {
    return Collections.unmodifiableSet(dismissed);
  }

  /** Who can have work, those first that have waited longest. */
  List<W> idle() {
    return List.copyOf(idle);
  }

  // ---------------------------------------------------------------- leases

  /**
   * Gives an idle worker the first piece of work that nobody has.
   *
   * @param end only those before this one
   * @return empty if there is none
   */
  Optional<Lease<W>> lease(W worker, int end, long now) {
    OptionalInt first = first(end);
    if (first.isEmpty() || !idle.remove(worker)) {
      return Optional.empty();
    }
    Lease<W> lease = new Lease<>(++lastOrder, first.getAsInt(), worker, now);
    wanted.put(lease.work(), lease.order());
    current.put(worker, lease);
    return Optional.of(lease);
  }

  /** What a worker is at, unless it was taken back. */
  Optional<Lease<W>> held(W worker) {
    return Optional.ofNullable(current.get(worker)).filter(this::owns);
  }

  private boolean owns(Lease<W> lease) {
    return wanted.getOrDefault(lease.work(), NOBODY) == lease.order();
  }

  /** Whether a worker is at this order, even if it was taken back. */
  boolean isAt(W worker, long order) {
    return current.containsKey(worker) && current.get(worker).order() == order;
  }

  /** Whether what a worker answered to this order is being fetched. */
  boolean isArriving(long order) {
    return arriving.containsKey(order);
  }

  /**
   * A worker has answered, and can have other work. Its result is to be fetched if the lease is
   * returned. One that comes late is as good as one in time: who has the work by now loses it.
   *
   * @return empty for what is wanted no more, or is arriving already
   */
  Optional<Lease<W>> answered(W worker, long order) {
    Optional<Lease<W>> ended = end(worker, order);
    if (!current.containsKey(worker) && workers.containsKey(worker)) {
      idle.add(worker);
    }
    Optional<Lease<W>> wins =
        ended.filter(
            lease ->
                wanted.containsKey(lease.work())
                    && !arriving.containsKey(wanted.get(lease.work())));
    wins.ifPresent(
        lease -> {
          wanted.put(lease.work(), order);
          arriving.put(order, lease);
        });
    return wins;
  }

  /**
   * A worker has failed at what it was at, and can have no other work yet.
   *
   * @return the lease, unless it was taken back before
   */
  Optional<Lease<W>> failed(W worker, long order) {
    return end(worker, order).filter(this::open);
  }

  private Optional<Lease<W>> end(W worker, long order) {
    return isAt(worker, order) ? Optional.of(current.remove(worker)) : Optional.empty();
  }

  /**
   * What a worker answered is here.
   *
   * @return its lease; empty if another result was here before, or it is wanted no more
   */
  Optional<Lease<W>> fetched(long order) {
    Optional<Lease<W>> lease =
        Optional.ofNullable(arriving.remove(order))
            .filter(arrived -> wanted.remove(arrived.work()) != null);
    lease.ifPresent(arrived -> workers.computeIfPresent(arrived.worker(), (w, done) -> done + 1));
    return lease;
  }

  /**
   * What a worker answered cannot be fetched.
   *
   * @return its lease, unless it was taken back before
   */
  Optional<Lease<W>> notFetched(long order) {
    return Optional.ofNullable(arriving.remove(order)).filter(this::open);
  }

  /** Ends the leases that match: others may have their work. Returns these leases. */
  List<Lease<W>> takeBack(Predicate<Lease<W>> which) {
    List<Lease<W>> taken = new ArrayList<>(current.values());
    taken.addAll(arriving.values());
    taken.removeIf(which.negate().or(lease -> !open(lease)));
    return taken;
  }

  /** Lets others have the work of a lease; false if it had it no more. */
  private boolean open(Lease<W> lease) {
    return wanted.replace(lease.work(), lease.order(), NOBODY);
  }
}
