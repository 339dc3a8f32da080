package io.atelier.tests.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.ledger.Ledger;
import io.atelier.actors.ledger.event.Effect;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.ledger.model.Span;
import io.atelier.actors.ledger.model.Weights;
import io.atelier.actors.ledger.model.WorkerId;
import io.atelier.actors.ledger.model.WorkerState;
import io.atelier.actors.ledger.state.LedgerConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Messages that are lost, and the heartbeats that show it. */
class PresenceTest {
  private static final Span SPAN = new Span(0, 0);
  private static final int BEAT = 500;

  private final Heartbeats heartbeats = new Heartbeats();
  private final List<Effect> seen = new ArrayList<>();
  private final Ledger ledger =
      Ledger.create(
          new LedgerConfig(Schedule.sync(), 2, 3, false, 1, 0, LedgerConfig.Limits.defaults()), 0);
  private long now = 1_000_000;

  private static WorkerId worker(int incarnation) {
    return new WorkerId(Role.ROLLOUT, "rollout-0", incarnation, "far");
  }

  @BeforeEach
  void begin() {
    tell(new Event.Tick(now));
    tell(new Event.Published(Weights.POLICY, 0, "p0"));
    tell(new Event.Published(Weights.CRITIC, 0, "c0"));
    tell(new Event.NodeJoined("far", List.of(Role.ROLLOUT), true, Long.MAX_VALUE));
    tell(new Event.NodeJoined("home", List.of(Role.REWARD), false, Long.MAX_VALUE));
    tell(heartbeats.join(worker(0)));
  }

  private List<Effect> tell(Event event) {
    List<Effect> effects = ledger.on(event);
    seen.addAll(effects);
    return effects;
  }

  /** Heartbeats that say the same; returns what the ledger wants. */
  private List<Effect> beats(int times, WorkerState state) {
    List<Effect> effects = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      now += BEAT;
      effects.addAll(tell(new Event.Tick(now)));
      effects.addAll(tell(heartbeats.say(state)));
    }
    return effects;
  }

  private <T extends Effect> List<T> all(Class<T> kind) {
    return seen.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  private <T extends Effect> T last(Class<T> kind) {
    List<T> all = all(kind);
    return all.get(all.size() - 1);
  }

  private Effect.Generate leased() {
    Effect.Load load = last(Effect.Load.class);
    tell(new Event.Loaded(load.worker(), load.order(), load.hash(), 1, SPAN));
    return last(Effect.Generate.class);
  }

  @Test
  void shouldGiveAnOrderAgainThatDidNotArrive() {
    Effect.Load load = last(Effect.Load.class);
    WorkerState unaware = new WorkerState(worker(0), 0, false);
    assertEquals(List.of(), beats(3, unaware), "it may be on its way");
    assertEquals(List.of(load), beats(3, unaware));
    assertEquals(List.of(), beats(20, new WorkerState(worker(0), load.order(), true)));
  }

  @Test
  void shouldAskAgainForAnAnswerThatDidNotArrive() {
    Effect.Generate lease = leased();
    assertEquals(List.of(), beats(20, new WorkerState(worker(0), lease.order(), true)));
    assertEquals(List.of(lease), beats(3, new WorkerState(worker(0), lease.order(), false)));
    tell(
        new Event.Generated(
            worker(0),
            lease.order(),
            "p0",
            new BlobRef("far", 1, 1, 0),
            new BlobRef("far", 2, 1, 0),
            SPAN));
    assertEquals(1, ledger.status().stages().get("generated"));
    assertEquals(0, ledger.counts().released(), "the lease went on");
  }

  /** What was sent before the conductor stood still is no sign that its next order is lost. */
  @Test
  void shouldNotBelieveHeartbeatsThatAreOlderThanTheOrder() {
    Effect.Load load = last(Effect.Load.class);
    now += 60_000;
    tell(new Event.Tick(now));
    tell(new Event.Loaded(load.worker(), load.order(), load.hash(), 1, SPAN));
    for (int i = 0; i < 120; i++) {
      assertEquals(
          List.of(), tell(heartbeats.say(new WorkerState(worker(0), load.order(), false))));
    }
    assertEquals(1, all(Effect.Generate.class).size());
  }

  @Test
  void shouldNoticeAWorkerThatIsGoneAndItsNextIncarnation() {
    Effect.Generate lease = leased();
    tell(heartbeats.leave(worker(0)));
    assertEquals(0, ledger.workers(Role.ROLLOUT));
    assertEquals(1, ledger.counts().released());
    tell(heartbeats.join(worker(1)));
    Effect.Generate again = leased();
    assertEquals(lease.id(), again.id());
    assertEquals(worker(1), again.worker());
  }

  @Test
  void shouldNotBelieveAHeartbeatThatALaterOneOvertook() {
    Event.NodeBeat early = heartbeats.of("far");
    tell(heartbeats.join(worker(1)));
    assertEquals(List.of(), tell(early));
    assertEquals(worker(1), ledger.status().workers().get(0).id());
  }

  @Test
  void shouldSayAgainThatAWorkerIsToBeReplaced() {
    Effect.Load load = last(Effect.Load.class);
    tell(new Event.Loaded(worker(0), load.order(), "other", 0, SPAN));
    Effect.Replace replace = last(Effect.Replace.class);
    List<Effect> effects = beats(8, new WorkerState(worker(0), load.order(), false));
    assertTrue(effects.contains(replace), effects::toString);
    assertEquals(List.of(), effects.stream().filter(e -> e instanceof Effect.Order).toList());
  }

  @Test
  void shouldSayAgainThatANodeIsToJoinAnew() {
    for (int i = 0; i < 10; i++) {
      now += BEAT;
      tell(new Event.Tick(now));
    }
    assertEquals(List.of("home"), ledger.presentNodes());
    WorkerState state = new WorkerState(worker(0), 0, false);
    assertEquals(1, beats(1, state).stream().filter(e -> e instanceof Effect.Rejoin).count());
    assertTrue(beats(8, state).contains(new Effect.Rejoin("far")), "the first was lost");
    tell(heartbeats.join(worker(1)));
    assertEquals(worker(1), leased().worker());
  }

  @Test
  void shouldForgetWhatWasLostLongAgo() {
    tell(new Event.NodeLost("far"));
    assertEquals(2, ledger.status().nodes().size());
    for (int i = 0; i < 16 * 60; i++) {
      now += 1_000;
      tell(new Event.Tick(now));
    }
    assertEquals(List.of(new Effect.Forget("far")), all(Effect.Forget.class));
    assertEquals(List.of("home"), ledger.status().nodes().stream().map(n -> n.name()).toList());
    assertEquals(List.of(), ledger.status().workers());
    assertEquals(List.of(), tell(heartbeats.of("far")), "it has to be offered again");
  }

  @Test
  void shouldSayWhyAVersionDoesNotArriveAndNotEachTime() {
    for (int i = 0; i < 9; i++) {
      Effect.Load load = last(Effect.Load.class);
      tell(new Event.NotLoaded(load.worker(), load.order(), "nothing came for 5000 ms"));
    }
    List<String> said = all(Effect.Report.class).stream().map(Effect.Report::message).toList();
    assertEquals(4, said.size(), said::toString);
    assertEquals(
        worker(0)
            + " did not get policy version 0, for the 8th time: nothing came for 5000 ms; it is"
            + " loaded again",
        said.get(3));
    assertTrue(said.get(1).contains(", for the 2nd time: "), said.get(1));
    assertEquals(10, all(Effect.Load.class).size());
    assertEquals("loads version 0, which did not arrive 9 times: nothing came for 5000 ms", does());
    Effect.Load load = last(Effect.Load.class);
    tell(new Event.Loaded(load.worker(), load.order(), load.hash(), 1, new Span(0, 0)));
    assertFalse(does().contains("did not arrive"), does());
  }

  /** What the one worker does, in words. */
  private String does() {
    return ledger.status().workers().get(0).does();
  }

  /** A node dies each second for an hour, and another one comes: each is a name of its own. */
  @Test
  void shouldNotGrowWithTheLivesOfNodes() {
    int lives = 3_600;
    int most = 0;
    tell(new Event.PauseRequested(true)); // or it would fail, since nothing is ever done
    for (int life = 0; life < lives; life++) {
      String node = "10.0.0.7:4011/%08x".formatted(life);
      WorkerId id = new WorkerId(Role.ROLLOUT, "rollout-0@pod-" + life, 0, node);
      tell(new Event.NodeJoined(node, List.of(Role.ROLLOUT), true, Long.MAX_VALUE));
      tell(heartbeats.join(id));
      assertEquals(id, last(Effect.Load.class).worker());
      now += BEAT;
      tell(new Event.Tick(now));
      tell(heartbeats.of("far"));
      tell(new Event.NodeLost(node));
      now += BEAT;
      tell(new Event.Tick(now));
      tell(heartbeats.of("far"));
      most = Math.max(most, ledger.status().toString().length());
      seen.removeIf(effect -> !(effect instanceof Effect.Forget));
    }
    int forgotten = all(Effect.Forget.class).size();
    int kept = (int) LedgerConfig.Limits.defaults().watchdog().toSeconds();
    assertTrue(forgotten >= lives - kept - 1, "forgotten: " + forgotten);
    assertEquals(2 + 50, ledger.status().nodes().size());
    assertEquals(1 + 50, ledger.status().workers().size());
    assertTrue(most < 50_000, "a status of %d characters".formatted(most));
  }

  @Test
  void shouldNotLookAtTheWorkForAHeartbeatThatChangesNothing() {
    WorkerState state = new WorkerState(worker(0), last(Effect.Load.class).order(), true);
    assertEquals(List.of(), beats(100, state));
    tell(new Event.WorkerLost(worker(0), Optional.of("no memory")));
    assertEquals(0, ledger.workers(Role.ROLLOUT));
  }
}
