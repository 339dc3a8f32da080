package io.atelier.actors.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.atelier.actors.pool.WorkQueue.Lease;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * A queue whose workers are slow, fail, end and come back, and whose messages come late, twice or
 * never. Whatever happens, each piece of work is done once, and no worker has two.
 */
class WorkQueueSimulationTest {
  private static final int SCHEDULES = 2_000;
  private static final int WORKERS = 4;
  private static final int WORK = 12;

  /** Events in which anything may go wrong; after them nothing does. */
  private static final int FAULTY = 150;

  private static final int EVENTS = 5_000;

  /** A worker: one order at a time, and the answer to the last, which is repeated. */
  private static final class Worker {
    private final String name;
    private long latest;
    private boolean working;

    private Worker(String name) {
      this.name = name;
    }
  }

  private static final class World {
    private final Random random;
    private final WorkQueue<String> queue = new WorkQueue<>();
    private final Map<String, Worker> workers = new HashMap<>();

    /** What is on its way; any of it may come next. */
    private final List<Runnable> messages = new ArrayList<>();

    private final Set<Integer> done = new HashSet<>();
    private int started;
    private int event;
    private int lost;
    private int late;

    private World(long seed) {
      random = new Random(seed);
      for (int work = 0; work < WORK; work++) {
        queue.add(work);
      }
      for (int w = 0; w < WORKERS; w++) {
        start();
      }
    }

    private void start() {
      String name = "worker-" + started++;
      workers.put(name, new Worker(name));
    }

    private void run() {
      while (done.size() < WORK && event++ < EVENTS) {
        int fault = event < FAULTY ? random.nextInt(20) : 20;
        if (fault == 0) {
          end(any());
        } else if (fault == 1) {
          late += queue.takeBack(lease -> random.nextBoolean()).size();
        } else if (messages.isEmpty() || random.nextInt(4) == 0) {
          beat(any());
        } else {
          deliver();
        }
        handOut();
        check();
      }
      assertEquals(WORK, done.size(), "the work should be done");
    }

    private Worker any() {
      return new ArrayList<>(workers.values()).get(random.nextInt(workers.size()));
    }

    private void end(Worker worker) {
      workers.remove(worker.name);
      messages.add(() -> queue.gone(worker.name));
      start();
    }

    /** A worker says that it has nothing to do, if that is so. */
    private void beat(Worker worker) {
      if (!worker.working) {
        send(() -> ready(worker.name));
      }
    }

    private void ready(String worker) {
      if (!workers.containsKey(worker)) {
        return; // a pool that watches one that is gone is told so at once
      }
      queue.ready(worker);
      queue.held(worker).ifPresent(this::order);
    }

    private void handOut() {
      for (String worker : queue.idle()) {
        queue.lease(worker, WORK, event).ifPresent(this::order);
      }
    }

    private void order(Lease<String> lease) {
      send(() -> begin(lease));
    }

    private void begin(Lease<String> lease) {
      Worker worker = workers.get(lease.worker());
      if (worker == null || lease.order() < worker.latest || worker.working) {
        return;
      }
      worker.latest = lease.order();
      worker.working = true;
      boolean fails = event < FAULTY && random.nextInt(6) == 0;
      messages.add(
          () -> {
            worker.working = false;
            send(fails ? () -> queue.failed(worker.name, lease.order()) : () -> answered(lease));
          });
    }

    private void answered(Lease<String> lease) {
      if (queue.isArriving(lease.order())) {
        return;
      }
      Optional<Lease<String>> wanted = queue.answered(lease.worker(), lease.order());
      if (wanted.isPresent()) {
        assertEquals(lease, wanted.get());
        boolean gone = event < FAULTY && random.nextInt(6) == 0;
        messages.add(gone ? () -> queue.notFetched(lease.order()) : () -> fetched(lease));
      }
    }

    private void fetched(Lease<String> lease) {
      queue
          .fetched(lease.order())
          .ifPresent(l -> assertTrue(done.add(l.work()), () -> l + " was done before"));
    }

    /** Sends a message, which may be lost, or come twice. */
    private void send(Runnable message) {
      int fault = event < FAULTY ? random.nextInt(10) : 10;
      if (fault == 0) {
        lost++;
        return;
      }
      messages.add(message);
      if (fault == 1) {
        messages.add(message);
      }
    }

    private void deliver() {
      messages.remove(random.nextInt(messages.size())).run();
    }

    private void check() {
      Set<Integer> given = new HashSet<>();
      for (String worker : queue.workers().keySet()) {
        Optional<Lease<String>> held = queue.held(worker);
        held.ifPresent(
            lease -> {
              assertTrue(given.add(lease.work()), () -> lease + " is given twice");
              assertTrue(!done.contains(lease.work()), () -> lease + " is done");
              assertTrue(!queue.idle().contains(worker), () -> worker + " is idle and at work");
            });
      }
    }
  }

  @Test
  void shouldHaveEachPieceOfWorkDoneOnce() {
    long first = Long.getLong("atelier.seed", 0);
    int lost = 0;
    int late = 0;
    for (long seed = first; seed < first + SCHEDULES; seed++) {
      World world = new World(seed);
      try {
        world.run();
      } catch (AssertionError | RuntimeException e) {
        fail("seed " + seed, e);
      }
      lost += world.lost;
      late += world.late;
    }
    assertTrue(lost > SCHEDULES && late > SCHEDULES, "something should have gone wrong");
  }
}
