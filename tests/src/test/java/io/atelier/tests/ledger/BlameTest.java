package io.atelier.tests.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
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
import io.atelier.actors.ledger.state.LedgerConfig;
import io.atelier.actors.ledger.state.LedgerStatus;
import io.atelier.reward.Reward;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whom the ledger blames: itself, a node or a group. Rollout workers alone, one on each node. */
class BlameTest {
  private static final Span SPAN = new Span(0, 0);

  /** As many groups as never run out. */
  private static final int GROUPS = 40;

  private final Ledger ledger =
      Ledger.create(
          new LedgerConfig(Schedule.sync(), GROUPS, 3, false, 1, 0, LedgerConfig.Limits.defaults()),
          0);
  private final List<Effect> seen = new ArrayList<>();
  private final Map<String, WorkerId> workers = new HashMap<>();
  private final Heartbeats heartbeats = new Heartbeats();
  private long now = 7_000_000;
  private long blobs;

  private void begin(String... nodes) {
    tell(new Event.Tick(now));
    tell(new Event.Published(Weights.POLICY, 0, "p0"));
    tell(new Event.Published(Weights.CRITIC, 0, "c0"));
    for (String node : nodes) {
      tell(new Event.NodeJoined(node, List.of(Role.ROLLOUT), true, Long.MAX_VALUE));
      join(node, 0);
    }
  }

  private void join(String node, int incarnation) {
    WorkerId id = new WorkerId(Role.ROLLOUT, "rollout@" + node, incarnation, node);
    workers.put(node, id);
    tell(heartbeats.join(id));
  }

  private void tell(Event event) {
    List<Effect> effects = ledger.on(event);
    seen.addAll(effects);
    for (Effect effect : effects) {
      if (effect instanceof Effect.Load load) {
        tell(new Event.Loaded(load.worker(), load.order(), load.hash(), 1, SPAN));
      }
    }
  }

  private <T extends Effect> List<T> all(Class<T> kind) {
    return seen.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** What the worker of a node was last told to draw. */
  private Effect.Generate lease(String node) {
    return all(Effect.Generate.class).stream()
        .filter(lease -> lease.worker().equals(workers.get(node)))
        .reduce((former, later) -> later)
        .orElseThrow(() -> new AssertionError("no lease for " + node));
  }

  private void draws(String node) {
    BlobRef images = new BlobRef(node, ++blobs, 1, 0);
    BlobRef trajectory = new BlobRef(node, ++blobs, 1, 0);
    long order = lease(node).order();
    tell(new Event.Generated(workers.get(node), order, "p0", images, trajectory, SPAN));
  }

  /** The worker of a node fails, and its next incarnation joins. */
  private void fails(String node, String error) {
    WorkerId worker = workers.get(node);
    tell(new Event.WorkerLost(worker, Optional.of(error)));
    join(node, worker.incarnation() + 1);
  }

  private void beats(String... nodes) {
    for (String node : nodes) {
      tell(heartbeats.of(node));
    }
  }

  /** Time in which the conductor is awake and nobody says anything. */
  private void pass(long millis) {
    for (long end = now + millis; now < end; ) {
      now = Math.min(end, now + 50);
      tell(new Event.Tick(now));
    }
  }

  private LedgerStatus.Troubles troubles() {
    return ledger.status().troubles();
  }

  private String failure() {
    assertEquals(1, all(Effect.Fail.class).size(), seen::toString);
    return all(Effect.Fail.class).get(0).firstCause();
  }

  @Test
  void shouldGiveAGroupWhoseTimeIsOverToAnotherNode() {
    begin("a", "b");
    Effect.Generate slow = lease("a");
    for (int i = 0; i < 200; i++) { // 10 minutes, in which b draws others
      pass(3_000);
      beats("a", "b");
      if (i % 20 == 0) {
        draws("b");
      }
    }
    assertEquals(1, all(Effect.Revoke.class).size());
    tell(new Event.Released(workers.get("a"), slow.order()));
    assertFalse(lease("a").id().equals(slow.id()), "it has the group again");
    draws("b");
    assertEquals(slow.id(), lease("b").id());
  }

  // ---------------------------------------------------------------- the conductor's own pauses

  @ParameterizedTest
  @ValueSource(longs = {3_000, 8_000, 3_600_000})
  void shouldBlameNobodyForAPauseOfTheConductor(long pause) {
    begin("a", "b");
    pass(400);
    now += pause;
    for (int i = 0; i < 20; i++) { // of the timer, which went on; the signs of life lie behind
      tell(new Event.Tick(now));
    }
    beats("a", "b");
    pass(3_900);
    assertEquals(new LedgerStatus.Troubles(0, 1, pause), troubles());
    assertEquals(List.of(), all(Effect.Revoke.class));
    assertEquals(0, ledger.counts().released() + ledger.counts().regenerated());
  }

  @Test
  void shouldStillFindANodeThatDiedInThePause() {
    begin("a", "b");
    for (int i = 1; i < 32; i++) {
      tell(heartbeats.join(new WorkerId(Role.ROLLOUT, "rollout-%d@a".formatted(i), 0, "a")));
    }
    now += 8_000;
    tell(new Event.Tick(now));
    for (int i = 0; i < 9; i++) {
      beats("b");
      pass(500);
    }
    assertEquals(List.of("b"), ledger.presentNodes());
    assertEquals(1, troubles().silentNodes());
    tell(new Event.NodeLost("a")); // it leaves when it comes to itself
    assertEquals(
        List.of("node a was not heard of for 4s and is taken for lost, with 32 workers"),
        all(Effect.Report.class).stream()
            .map(Effect.Report::message)
            .filter(message -> !message.startsWith("the conductor"))
            .toList());
  }

  /** It was all but lost before the pause, and what it said in it is read after the first tick. */
  @Test
  void shouldListenBeforeItTakesANodeForLost() {
    begin("a");
    pass(3_950);
    now += 8_000;
    tell(new Event.Tick(now));
    pass(50);
    beats("a");
    pass(1_000);
    assertEquals(List.of("a"), ledger.presentNodes());
  }

  @Test
  void shouldGoOnWithTimeThoughEveryTickIsLate() {
    begin("a");
    for (int i = 0; i < 20_000 && all(Effect.Fail.class).isEmpty(); i++) {
      now += 2_000;
      tell(new Event.Tick(now));
    }
    assertTrue(failure().startsWith("no progress"), failure());
  }

  // ---------------------------------------------------------------- nodes and groups

  @Test
  void shouldGiveAGroupThatFailedToAnotherNode() {
    begin("a", "b");
    var group = lease("a").id();
    fails("a", "out of memory");
    assertNotEquals(group, lease("a").id());
    draws("b");
    assertEquals(group, lease("b").id());
  }

  @Test
  void shouldFailWithTheFirstCauseWhenAGroupFailsOnTwoNodes() {
    begin("a", "b");
    draws("a");
    draws("b");
    var group = lease("a").id();
    fails("a", "no such word");
    draws("b");
    assertEquals(group, lease("b").id());
    fails("b", "no such word, again");
    assertEquals(
        "group %s failed 2 times, first on rollout@a: no such word".formatted(group), failure());
  }

  @Test
  void shouldFailWhenAGroupFailsTwiceOnTheOnlyNode() {
    begin("a");
    draws("a");
    fails("a", "boom");
    assertTrue(all(Effect.Fail.class).isEmpty());
    fails("a", "boom again");
    assertTrue(failure().endsWith("failed 2 times, first on rollout@a: boom"), failure());
  }

  /** Until the other comes back, or has been away for so long that it will not. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldNotBlameAGroupForOneNodeWhileTheOtherIsLost(boolean comesBack) {
    begin("a", "b");
    var group = lease("a").id();
    fails("a", "no device");
    for (int i = 0; i < 9; i++) {
      beats("a");
      pass(500);
    }
    assertEquals(List.of("a"), ledger.presentNodes());
    while (!lease("a").id().equals(group)) { // it fails at everything
      fails("a", "no device");
    }
    fails("a", "no device"); // at the same group for the second time
    assertTrue(all(Effect.Fail.class).isEmpty(), seen::toString);
    if (comesBack) {
      beats("b");
      join("b", 2);
      draws("b");
      assertTrue(all(Effect.Fail.class).isEmpty(), seen::toString);
    } else {
      for (int i = 0; all(Effect.Fail.class).isEmpty() && i < 10_000; i++) {
        beats("a");
        pass(500);
        fails("a", "no device");
      }
      assertTrue(failure().contains("first on rollout@a: no device"), failure());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7})
  void shouldSetANodeAsideThatFailsWhileOthersWork(int before) {
    begin("bad", "good");
    draws("good");
    for (int i = 0; i < before; i++) {
      draws("bad");
    }
    fails("bad", "CUDA out of memory");
    fails("bad", "worse");
    assertEquals(List.of(), all(Effect.SetAside.class));
    fails("bad", "still");
    Effect.SetAside told = all(Effect.SetAside.class).get(0);
    assertEquals("bad", told.node());
    assertTrue(told.leaves());
    assertEquals("rollout@bad: CUDA out of memory, and 3 failures in a row", told.reason());
    assertEquals(List.of("good"), ledger.presentNodes());
    assertTrue(all(Effect.Fail.class).isEmpty());
    int leases = all(Effect.Generate.class).size();
    join("bad", 9);
    beats("bad"); // it has not heard of it
    assertEquals(leases, all(Effect.Generate.class).size());
    assertEquals(told, all(Effect.SetAside.class).get(1));
    for (int i = 0; i < GROUPS - 1; i++) {
      draws("good");
    }
    assertEquals(GROUPS, ledger.status().stages().get("generated"));
    assertEquals(List.of(told.reason()), ledger.status().nodes().get(0).setAside());
  }

  /** Eight processes of one machine whose driver breaks: each is idle before the others are. */
  @Test
  void shouldNotBlameAGroupThatBrokenNodesFailAt() {
    String[] broken = {"b1", "b2", "b3", "b4", "b5", "b6", "b7", "b8"};
    begin("good", "b1", "b2", "b3", "b4", "b5", "b6", "b7", "b8");
    draws("good");
    for (int round = 0; round < 3; round++) {
      for (String node : broken) {
        fails(node, "no device");
      }
    }
    assertTrue(all(Effect.Fail.class).isEmpty(), seen::toString);
    assertEquals(8, Set.copyOf(all(Effect.SetAside.class)).size());
    while (ledger.status().stages().get("generated") < GROUPS) {
      draws("good");
    }
  }

  @Test
  void shouldFailAtOnceWhenAllNodesAreBroken() {
    begin("a", "b");
    fails("a", "no device");
    fails("b", "no device either");
    fails("a", "no device");
    fails("b", "no device");
    assertTrue(failure().contains("first on rollout@a: no device"), failure());
  }

  @Test
  void shouldFailWithTheFirstCauseWhenTheLastNodeGivesUp() {
    begin("a", "b");
    tell(new Event.GaveUp(workers.get("a"), 4, "no device", true));
    assertFalse(all(Effect.SetAside.class).isEmpty());
    assertTrue(all(Effect.Fail.class).isEmpty());
    tell(new Event.GaveUp(workers.get("b"), 4, "no memory", true));
    assertEquals("no device (rollout@a failed 4 times), and no rollout worker is left", failure());
  }

  /** A node that was killed counted as one that could do the work, for ever. */
  @Test
  void shouldWaitForALostNodeButNotForEver() {
    begin("dead", "b");
    beats("b");
    tell(new Event.NodeLost("dead"));
    tell(new Event.GaveUp(workers.get("b"), 4, "no device", true));
    assertTrue(all(Effect.Fail.class).isEmpty(), "it may be back");
    pass(14 * 60_000);
    assertTrue(all(Effect.Fail.class).isEmpty(), "it may be back");
    pass(61_000);
    assertEquals("no device (rollout@b failed 4 times), and no rollout worker is left", failure());
  }

  /** A scorer that no images reach is idle before the others are. */
  @Test
  void shouldScoreElsewhereWhatOneNodeGetsNoImagesOf() {
    begin("a");
    WorkerId deaf = scorer("deaf");
    WorkerId good = scorer("good");
    int deafened = 0;
    for (int i = 0; i < 4 * GROUPS && ledger.status().stages().get("scored") < GROUPS; i++) {
      for (Effect.Score lease : open()) {
        if (lease.worker().equals(deaf)) {
          deafened++;
          tell(new Event.ImagesGone(deaf, lease.order(), "no image came"));
        } else {
          scores(lease);
        }
      }
      if (ledger.status().stages().get("generating") > 0) {
        draws("a");
      }
    }
    assertTrue(all(Effect.Fail.class).isEmpty(), seen::toString);
    assertEquals(GROUPS, ledger.status().stages().get("scored"));
    assertTrue(deafened > 10, "it hardly ever had to: " + deafened);
    assertTrue(deafened <= GROUPS, "a group went there twice: " + deafened);
  }

  /** The network of the node lets nothing out, and its worker is idle before the others are. */
  @Test
  void shouldDrawElsewhereWhatOneNodeDoesNotDeliver() {
    begin("a", "mute");
    scorer("good");
    int muted = 0;
    for (int i = 0; i < 4 * GROUPS && ledger.status().stages().get("scored") < GROUPS; i++) {
      for (Effect.Score lease : open()) {
        if (lease.images().node().equals("mute")) {
          muted++;
          tell(new Event.ImagesGone(lease.worker(), lease.order(), "nothing came"));
        } else {
          scores(lease);
        }
      }
      ledger.status().workers().stream()
          .filter(w -> w.id().role() == Role.ROLLOUT && w.state().equals("leased"))
          .forEach(w -> draws(w.id().node()));
    }
    assertTrue(all(Effect.Fail.class).isEmpty(), seen::toString);
    assertEquals(GROUPS, ledger.status().stages().get("scored"));
    assertTrue(muted > 10, "it hardly ever drew: " + muted);
    assertTrue(muted <= GROUPS, "a group went there twice: " + muted);
    String said = all(Effect.Report.class).get(0).message();
    assertTrue(said.contains("what rollout@mute made of it did not reach reward@good: "), said);
  }

  /** Nobody else draws, and the groups are drawn again and again, but not at once. */
  @Test
  void shouldOutlastANetworkThatLetsNothingThrough() {
    begin("a");
    scorer("good");
    int lost = deliverNothing(14 * 60);
    assertTrue(all(Effect.Fail.class).isEmpty(), seen::toString);
    assertTrue(lost > 2 * GROUPS && lost < 90 * GROUPS, "lost: " + lost);
    int reports = all(Effect.Report.class).size();
    assertTrue(reports < 8 * GROUPS, "reports: " + reports);
    for (int i = 0; i < 16; i++) {
      second();
    }
    draws("a");
    open().forEach(this::scores);
    assertEquals(1, ledger.status().stages().get("scored"));
    deliverNothing(2 * 60);
    assertTrue(failure().contains("times before it could be trained, at last: nothing"), failure());
  }

  /** Draws for a time, and no images arrive; returns how often. */
  private int deliverNothing(int seconds) {
    int lost = 0;
    for (int i = 0; i < seconds; i++) {
      second();
      if (ledger.status().stages().get("generating") > 0) {
        draws("a");
      }
      for (Effect.Score lease : open()) {
        lost++;
        tell(new Event.ImagesGone(lease.worker(), lease.order(), "nothing came"));
      }
    }
    return lost;
  }

  /** A second in which nodes a and good are heard of. */
  private void second() {
    pass(500);
    beats("a", "good");
    pass(500);
    beats("a", "good");
  }

  /** A worker that scores joins, on a node of its own. */
  private WorkerId scorer(String node) {
    WorkerId scorer = new WorkerId(Role.REWARD, "reward@" + node, 0, node);
    tell(new Event.NodeJoined(node, List.of(Role.REWARD), true, Long.MAX_VALUE));
    tell(heartbeats.join(scorer));
    return scorer;
  }

  private void scores(Effect.Score lease) {
    tell(
        new Event.Scored(
            lease.worker(),
            lease.order(),
            "c0",
            new Reward.Scored(new float[] {1}, Map.of()),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            SPAN,
            0,
            SPAN));
  }

  /** What reward workers were told to score and have not answered. */
  private List<Effect.Score> open() {
    List<String> busy =
        ledger.status().workers().stream()
            .filter(w -> w.state().equals("leased"))
            .map(w -> w.id().name())
            .toList();
    Map<String, Effect.Score> last = new HashMap<>();
    all(Effect.Score.class).forEach(lease -> last.put(lease.worker().name(), lease));
    return last.values().stream().filter(l -> busy.contains(l.worker().name())).toList();
  }

  @Test
  void shouldKnowAWorkerByItsFailureToStart() {
    begin("a", "b");
    draws("b");
    for (int i = 1; i <= 3; i++) {
      WorkerId next = new WorkerId(Role.ROLLOUT, "rollout@a", i, "a");
      tell(new Event.WorkerLost(next, Optional.of("no libtorch")));
      tell(new Event.WorkerLost(next, Optional.of("no libtorch"))); // said twice
    }
    assertEquals(1, all(Effect.SetAside.class).size());
    assertTrue(all(Effect.SetAside.class).get(0).reason().contains("3 failures"));
  }
}
