package io.atelier.actors.bench;

import io.atelier.actors.ledger.Ledger;
import io.atelier.actors.ledger.event.Effect;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.journal.LedgerEntry;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.ledger.model.Span;
import io.atelier.actors.ledger.model.Weights;
import io.atelier.actors.ledger.model.WorkerId;
import io.atelier.actors.ledger.model.WorkerState;
import io.atelier.actors.ledger.state.LedgerConfig;
import io.atelier.actors.port.Clock;
import io.atelier.reward.Reward;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/**
 * What the decisions for many workers cost the leading node. Time is simulated: three of four
 * workers generate a group in 40 s, the others score one in 4 s, each is alone on its node, and a
 * step takes half as many groups as there are rollout workers.
 */
public final class LedgerLoad {

  /**
   * What was measured.
   *
   * @param groups open groups, at most
   * @param events for a second of simulated time
   * @param micros mean time of an event
   * @param beatMicros mean time of a heartbeat that changes nothing
   * @param core share of one processor core that the decisions take
   * @param heapMegabytes on the heap after a collection, with the simulation itself
   */
  public record Row(
      int workers,
      int groups,
      double events,
      double micros,
      double beatMicros,
      double core,
      double heapMegabytes) {

    /** One line for people. */
    public String text() {
      return String.format(
          Locale.ROOT,
          "%5d workers, %d groups: %.0f events/s of %.1f us, empty heartbeat %.2f us, %.1f%% of a core, heap %.0f MiB",
          workers,
          groups,
          events,
          micros,
          beatMicros,
          100 * core,
          heapMegabytes);
    }

    public Map<String, Object> asMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("workers", workers);
      map.put("groups", groups);
      map.put("events_per_s", events);
      map.put("us_per_event", micros);
      map.put("us_per_beat", beatMicros);
      map.put("core", core);
      map.put("heap_mib", heapMegabytes);
      return map;
    }
  }

  private record Action(long time, long number, Event event) {}

  private static final int TICK = 50;
  private static final int BEAT = 500;
  private static final int LOADING = 1_000;
  private static final int GENERATING = 40_000;
  private static final int SCORING = 4_000;
  private static final int LANDING = 200;
  private static final int TRAINING = 5_000;

  /** Simulated time before what is measured: all workers have joined and drawn a group. */
  private static final int WARM_UP = 60_000;

  /** Heartbeats that are measured alone. */
  private static final int BEATS = 200_000;

  private static final Span SPAN = new Span(0, 0);
  private static final Reward.Scored SCORES = new Reward.Scored(new float[] {1, 2}, Map.of());

  private final SplittableRandom random = new SplittableRandom(1);
  private final PriorityQueue<Action> queue =
      new PriorityQueue<>(Comparator.comparingLong(Action::time).thenComparingLong(Action::number));
  private final Map<String, WorkerState> states = new HashMap<>();
  private final Map<String, Long> beats = new HashMap<>();
  private final Clock clock;
  private final int workers;
  private final int groupsPerStep;
  private final Ledger ledger;
  private long now;
  private long numbers;
  private long blobs;
  private long nanos;
  private long events;

  private LedgerLoad(int workers, Clock clock) {
    this.clock = clock;
    this.workers = workers;
    this.groupsPerStep = Math.max(1, workers * 3 / 8);
    this.ledger =
        Ledger.create(
            new LedgerConfig(
                Schedule.fixedLag(1, 1),
                groupsPerStep,
                1_000_000,
                true,
                10,
                0,
                LedgerConfig.Limits.defaults()),
            0);
  }

  /**
   * Simulates a run.
   *
   * @param workers at least 4
   * @param seconds of simulated time that are measured
   */
  public static Row measure(int workers, int seconds, Clock clock) {
    LedgerLoad load = new LedgerLoad(workers, clock);
    load.begin();
    load.run(WARM_UP);
    load.nanos = 0;
    load.events = 0;
    load.run(seconds * 1_000L);
    double micros = load.nanos / 1e3 / load.events;
    double perSecond = (double) load.events / seconds;
    return new Row(
        workers,
        2 * load.groupsPerStep,
        perSecond,
        micros,
        load.emptyBeats(),
        load.nanos / 1e9 / seconds,
        heap());
  }

  private static double heap() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return (runtime.totalMemory() - runtime.freeMemory()) / (double) (1 << 20);
  }

  private void begin() {
    tell(new Event.Tick(now));
    tell(new Event.Published(Weights.POLICY, 0, "p0"));
    tell(new Event.Published(Weights.CRITIC, 0, "c0"));
    for (int i = 0; i < workers; i++) {
      Role role = i % 4 == 0 ? Role.REWARD : Role.ROLLOUT;
      String node = "10.0.%d.%d:4011/5f3a%04x".formatted(i >> 8, i & 255, i);
      tell(new Event.NodeJoined(node, List.of(role), true, Long.MAX_VALUE));
      WorkerId id = new WorkerId(role, role + "-0@" + node, 0, node);
      states.put(node, new WorkerState(id, 0, false));
      beats.put(node, 0L);
      at(random.nextInt(BEAT), beat(node));
    }
    at(TICK, new Event.Tick(0));
  }

  private Event beat(String node) {
    return new Event.NodeBeat(
        node, beats.merge(node, 1L, Long::sum), List.of(states.get(node)), List.of());
  }

  private void run(long millis) {
    long end = now + millis;
    while (!queue.isEmpty() && queue.peek().time() <= end) {
      Action action = queue.remove();
      now = action.time();
      if (action.event() instanceof Event.Tick) {
        tell(new Event.Tick(now));
        at(TICK, action.event());
      } else if (action.event() instanceof Event.NodeBeat due) {
        tell(beat(due.node()));
        at(BEAT, due);
      } else {
        tell(action.event());
      }
    }
    now = end;
  }

  private void tell(Event event) {
    long start = clock.nanos();
    List<Effect> effects = ledger.on(event);
    nanos += clock.nanos() - start;
    events++;
    effects.forEach(this::apply);
  }

  private void at(long later, Event event) {
    queue.add(new Action(now + later, numbers++, event));
  }

  private void apply(Effect effect) {
    if (effect instanceof Effect.Order order) {
      WorkerId id = order.worker();
      states.put(id.node(), new WorkerState(id, order.order(), true));
      at(time(order), answer(order));
    } else if (effect instanceof Effect.Land land) {
      at(
          LANDING,
          new Event.Landed(land.id(), land.order(), blob(), land.features().map(f -> blob())));
    } else if (effect instanceof Effect.Train train) {
      int next = train.step() + 1;
      at(TRAINING, new Event.PolicyTrained(train.step(), "p" + next, List.of()));
      at(TRAINING, new Event.CriticTrained(train.step(), "c" + next));
    } else if (effect instanceof Effect.Write write
        && write.entry() instanceof LedgerEntry.Step step) {
      at(0, new Event.Journaled(step.step() + 1));
    } else if (effect instanceof Effect.Checkpoint due) {
      at(LANDING, new Event.CheckpointWritten(due.snapshot().step()));
    } else if (effect instanceof Effect.Fail || effect instanceof Effect.Report) {
      throw new IllegalStateException("nothing goes wrong here, but: " + effect);
    }
  }

  private long time(Effect.Order order) {
    int mean =
        order instanceof Effect.Load
            ? LOADING
            : order instanceof Effect.Generate ? GENERATING : SCORING;
    return mean * 4L / 5 + random.nextInt(mean * 2 / 5);
  }

  private Event answer(Effect.Order order) {
    WorkerId id = order.worker();
    long number = order.order();
    if (order instanceof Effect.Load load) {
      return new Event.Loaded(id, number, load.hash(), 1, SPAN);
    } else if (order instanceof Effect.Generate lease) {
      return new Event.Generated(id, number, lease.hash(), blob(), blob(), SPAN);
    } else if (order instanceof Effect.Score lease) {
      return new Event.Scored(
          id,
          number,
          lease.hash(),
          SCORES,
          List.of(),
          Optional.of(blob()),
          Optional.empty(),
          SPAN,
          0,
          SPAN);
    }
    return new Event.Released(id, number);
  }

  private BlobRef blob() {
    return new BlobRef("10.0.0.1:4011/5f3a0001", ++blobs, 1 << 20, 0);
  }

  /** Mean microseconds of a heartbeat that only says that all is as it was. */
  private double emptyBeats() {
    String node = states.keySet().iterator().next();
    WorkerState busy = new WorkerState(states.get(node).id(), Long.MAX_VALUE, true);
    long sum = 0;
    for (int i = 0; i < BEATS; i++) {
      Event beat =
          new Event.NodeBeat(node, beats.merge(node, 1L, Long::sum), List.of(busy), List.of());
      long start = clock.nanos();
      ledger.on(beat);
      sum += clock.nanos() - start;
    }
    return sum / 1e3 / BEATS;
  }
}
