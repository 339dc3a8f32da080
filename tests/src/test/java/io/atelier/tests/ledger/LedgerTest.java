package io.atelier.tests.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.ledger.Ledger;
import io.atelier.actors.ledger.event.Effect;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.journal.LedgerEntry;
import io.atelier.actors.ledger.journal.LedgerSnapshot;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.ledger.model.Span;
import io.atelier.actors.ledger.model.Weights;
import io.atelier.actors.ledger.model.WorkerId;
import io.atelier.actors.ledger.state.LedgerConfig;
import io.atelier.actors.ledger.state.LedgerStatus;
import io.atelier.reward.Reward;
import io.atelier.rollout.GroupId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The ledger, message by message. */
class LedgerTest {
  private static final WorkerId ROLLOUT = new WorkerId(Role.ROLLOUT, "rollout-0", 0, "here");
  private static final WorkerId OTHER = new WorkerId(Role.ROLLOUT, "rollout-1", 0, "here");
  private static final WorkerId REWARD = new WorkerId(Role.REWARD, "reward-0", 0, "here");
  private static final Span SPAN = new Span(0, 0);

  private final List<Effect> seen = new ArrayList<>();
  private final Heartbeats heartbeats = new Heartbeats();
  private Ledger ledger;
  private long blobs;
  private long now = 1_000_000;

  private static LedgerConfig config(Schedule schedule) {
    return new LedgerConfig(schedule, 1, 3, true, 1, 0, LedgerConfig.Limits.defaults());
  }

  private void begin(Schedule schedule) {
    ledger = Ledger.create(config(schedule), 0);
    tell(new Event.Tick(now));
    tell(new Event.Published(Weights.POLICY, 0, "p0"));
    tell(new Event.Published(Weights.CRITIC, 0, "c0"));
    tell(new Event.NodeJoined("here", List.of(Role.ROLLOUT, Role.REWARD), false, Long.MAX_VALUE));
    tell(heartbeats.join(ROLLOUT));
    tell(heartbeats.join(REWARD));
  }

  /** Tells the ledger; what it wants landed stays where it is. */
  private List<Effect> tell(Event event) {
    List<Effect> effects = ledger.on(event);
    seen.addAll(effects);
    for (Effect effect : effects) {
      if (effect instanceof Effect.Land land) {
        tell(new Event.Landed(land.id(), land.order(), land.trajectory(), land.features()));
      }
    }
    return effects;
  }

  /** Time goes on, in steps that are no pause of the conductor. */
  private void pass(long millis) {
    for (long end = now + millis; now < end; ) {
      now = Math.min(end, now + 500);
      tell(new Event.Tick(now));
    }
  }

  /** The last effect of a kind. */
  private <T extends Effect> T last(Class<T> kind) {
    return all(kind).get(all(kind).size() - 1);
  }

  private <T extends Effect> List<T> all(Class<T> kind) {
    return seen.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  private Event.Generated generated(WorkerId worker, long order, String hash) {
    return new Event.Generated(worker, order, hash, blob(), blob(), SPAN);
  }

  private Event.Scored scored(WorkerId worker, long order, String hash) {
    Reward.Scored scores = new Reward.Scored(new float[] {1, 2}, Map.of());
    return new Event.Scored(
        worker,
        order,
        hash,
        scores,
        List.of(),
        Optional.of(blob()),
        Optional.of(blob()),
        SPAN,
        0,
        SPAN);
  }

  private BlobRef blob() {
    return new BlobRef("here", ++blobs, 1, 0);
  }

  private void load(WorkerId worker, String hash) {
    Effect.Load load =
        all(Effect.Load.class).stream()
            .filter(l -> l.worker().equals(worker))
            .reduce((a, b) -> b)
            .orElseThrow();
    tell(new Event.Loaded(worker, load.order(), hash, 1, new Span(0, 0)));
  }

  @Test
  void shouldLeaseOnlyAfterTheWeightsAreProven() {
    begin(Schedule.sync());
    assertEquals(1, all(Effect.Admit.class).size());
    assertTrue(all(Effect.Generate.class).isEmpty());
    load(ROLLOUT, "p0");
    Effect.Generate lease = last(Effect.Generate.class);
    assertEquals(new GroupId(0, 0), lease.id());
    assertEquals(0, lease.version());
  }

  @Test
  void shouldSayThatAWorkerIsMissing() {
    begin(Schedule.sync());
    assertEquals(List.of(), ledger.status().waiting());
    tell(new Event.WorkerLost(ROLLOUT, Optional.empty()));
    assertEquals(List.of("there is no rollout worker"), ledger.status().waiting());
  }

  @Test
  void shouldGiveNoWorkWhenTheHashIsWrong() {
    begin(Schedule.sync());
    load(ROLLOUT, "p7");
    assertTrue(all(Effect.Generate.class).isEmpty());
    assertEquals(
        "holds hash p7 as policy version 0, which is p0 (loading it changed 1 tensors)",
        last(Effect.Replace.class).reason());
  }

  @Test
  void shouldTrainAStepAndStartTheNextOnlyWhenItsWeightsAreHeld() {
    begin(Schedule.sync());
    load(ROLLOUT, "p0");
    load(REWARD, "c0");
    tell(generated(ROLLOUT, last(Effect.Generate.class).order(), "p0"));
    tell(scored(REWARD, last(Effect.Score.class).order(), "c0"));
    assertEquals(0, last(Effect.Train.class).step());
    tell(new Event.PolicyTrained(0, "p1", List.of()));
    tell(new Event.CriticTrained(0, "c1"));
    assertEquals(1, ledger.counts().trained());
    assertEquals(1, all(Effect.Admit.class).size(), "the slot is still taken");
    load(ROLLOUT, "p1");
    assertEquals(2, all(Effect.Admit.class).size());
    assertEquals(1, last(Effect.Generate.class).version());
  }

  /** The first two attempts are flat, and so would the third be, but a group is replaced twice. */
  @Test
  void shouldReplaceAFlatGroupOnlySoOften() {
    begin(Schedule.sync());
    ledger.replaceFlat((id, attempt, scores) -> attempt < 3, 2);
    load(ROLLOUT, "p0");
    load(REWARD, "c0");
    for (int attempt = 0; attempt < 3; attempt++) {
      Effect.Generate lease = last(Effect.Generate.class);
      assertEquals(new GroupId(0, 0), lease.id());
      assertEquals(attempt, lease.attempt());
      Event.Generated drawn = generated(ROLLOUT, lease.order(), "p0");
      tell(drawn);
      Event.Scored scored = scored(REWARD, last(Effect.Score.class).order(), "c0");
      List<Effect> effects = tell(scored);
      BlobRef features = scored.features().orElseThrow();
      for (BlobRef blob : List.of(drawn.images(), drawn.trajectory(), features)) {
        assertEquals(attempt < 2, effects.contains(new Effect.Release(blob)), "attempt " + attempt);
      }
    }
    assertEquals(2, last(Effect.Train.class).groups().get(0).attempt());
    assertEquals(2, last(Effect.Train.class).groups().get(0).flats());
    assertEquals(
        List.of(0, 1),
        all(Effect.Write.class).stream()
            .filter(write -> write.entry() instanceof LedgerEntry.Dropped)
            .map(write -> ((LedgerEntry.Dropped) write.entry()).attempt())
            .toList());
    assertEquals(2, ledger.counts().dropped());
    assertTrue(ledger.counts().balanced());
  }

  /** What is flat does not use up the patience with what cannot be scored, also when resumed. */
  @Test
  void shouldCountFlatGroupsApartFromUnscorableOnes() {
    Schedule schedule = Schedule.fixedLag(1, 1);
    begin(schedule);
    ledger.replaceFlat((id, attempt, scores) -> id.step() == 1 && attempt < 3, 3);
    load(ROLLOUT, "p0");
    load(REWARD, "c0");
    for (int group = 0; group < 5; group++) {
      tell(generated(ROLLOUT, last(Effect.Generate.class).order(), "p0"));
      tell(scored(REWARD, last(Effect.Score.class).order(), "c0"));
      if (group == 0) {
        assertEquals(0, last(Effect.Train.class).step());
      }
    }
    tell(new Event.PolicyTrained(0, "p1", List.of()));
    tell(new Event.CriticTrained(0, "c1"));
    LedgerSnapshot snapshot = last(Effect.Checkpoint.class).snapshot();
    assertEquals(List.of(new LedgerSnapshot.OpenGroup(new GroupId(1, 0), 3, 3)), snapshot.open());
    seen.clear();
    ledger = Ledger.resume(config(schedule), 1, snapshot);
    ledger.replaceFlat((id, attempt, scores) -> true, 3);
    tell(new Event.Tick(now));
    for (long version = 0; version < 2; version++) {
      tell(new Event.Published(Weights.POLICY, version, "p" + version));
      tell(new Event.Published(Weights.CRITIC, version, "c" + version));
    }
    tell(new Event.NodeJoined("here", List.of(Role.ROLLOUT, Role.REWARD), false, Long.MAX_VALUE));
    heartbeats.leave(ROLLOUT);
    tell(heartbeats.join(REWARD));
    load(REWARD, "c0");
    for (int tries = 0; tries < 4; tries++) {
      assertTrue(all(Effect.Fail.class).isEmpty());
      // one that has drawn a group loads version 1, for the next step
      WorkerId fresh = new WorkerId(Role.ROLLOUT, "fresh-" + tries, 0, "here");
      tell(heartbeats.join(fresh));
      load(fresh, "p0");
      assertEquals(3 + tries, last(Effect.Generate.class).attempt());
      tell(generated(fresh, last(Effect.Generate.class).order(), "p0"));
      tell(new Event.Unscorable(REWARD, last(Effect.Score.class).order(), "no"));
    }
    assertEquals(
        "group 1.0 cannot be scored, nor could its 3 predecessors: no",
        last(Effect.Fail.class).firstCause());
  }

  @Test
  void shouldThrowAwayWhatComesTwice() {
    begin(Schedule.sync());
    load(ROLLOUT, "p0");
    long order = last(Effect.Generate.class).order();
    Event.Generated result = generated(ROLLOUT, order, "p0");
    tell(result);
    assertTrue(tell(result).isEmpty(), "what is held by the group is not released");
    assertEquals(1, ledger.counts().discarded());
    Event.Generated other = generated(ROLLOUT, order, "p0");
    assertEquals(
        List.of(new Effect.Release(other.images()), new Effect.Release(other.trajectory())),
        tell(other));
    assertEquals(1, ledger.counts().open());
  }

  /** Whoever shows them hears of the step before the ledger lets go of them. */
  @Test
  void shouldLetGoOfPicturesAfterTheirStep() {
    begin(Schedule.sync());
    load(ROLLOUT, "p0");
    load(REWARD, "c0");
    tell(generated(ROLLOUT, last(Effect.Generate.class).order(), "p0"));
    Event.Scored scored = scored(REWARD, last(Effect.Score.class).order(), "c0");
    Effect.Release release = new Effect.Release(scored.pictures().orElseThrow());
    assertTrue(!tell(scored).contains(release) && !tell(scored).contains(release), "it is held");
    tell(new Event.PolicyTrained(0, "p1", List.of()));
    List<Effect> effects = tell(new Event.CriticTrained(0, "c1"));
    assertEquals(1, all(Effect.Release.class).stream().filter(release::equals).count());
    assertTrue(effects.indexOf(release) > effects.indexOf(last(Effect.StepDone.class)));
    assertEquals(
        scored.pictures(), last(Effect.StepDone.class).groups().get(0).scoring().pictures());
    Event.Scored late = scored(REWARD, last(Effect.Score.class).order(), "c0");
    assertTrue(tell(late).contains(new Effect.Release(late.pictures().orElseThrow())));
  }

  /** What it cannot be trained without lies here; only its pictures are gone. */
  @Test
  void shouldNotDrawAGroupAgainForItsPictures() {
    ledger =
        Ledger.create(
            new LedgerConfig(
                Schedule.freeRunning(1, 1, 1), 2, 3, true, 1, 0, LedgerConfig.Limits.defaults()),
            0);
    tell(new Event.Tick(now));
    tell(new Event.Published(Weights.POLICY, 0, "p0"));
    tell(new Event.Published(Weights.CRITIC, 0, "c0"));
    tell(new Event.NodeJoined("here", List.of(Role.ROLLOUT, Role.REWARD), false, Long.MAX_VALUE));
    tell(heartbeats.join(ROLLOUT));
    tell(heartbeats.join(REWARD));
    tell(new Event.NodeJoined("there", List.of(Role.REWARD), true, Long.MAX_VALUE));
    load(ROLLOUT, "p0");
    load(REWARD, "c0");
    tell(generated(ROLLOUT, last(Effect.Generate.class).order(), "p0"));
    Event.Scored here = scored(REWARD, last(Effect.Score.class).order(), "c0");
    tell(
        new Event.Scored(
            here.worker(),
            here.order(),
            here.hash(),
            here.scores(),
            here.potentials(),
            here.features(),
            Optional.of(new BlobRef("there", 7, 1, 0)),
            SPAN,
            0,
            SPAN));
    tell(new Event.NodeLost("there"));
    assertEquals(0, ledger.counts().regenerated());
  }

  @Test
  void shouldKeepTheLeaseWhenAJoinComesTwice() {
    begin(Schedule.sync());
    load(ROLLOUT, "p0");
    assertTrue(tell(heartbeats.join(ROLLOUT)).isEmpty());
    tell(generated(ROLLOUT, last(Effect.Generate.class).order(), "p0"));
    assertEquals(0, ledger.counts().discarded());
    assertEquals(0, ledger.counts().released());
  }

  @Test
  void shouldLeaseAgainWhenTimeRunsOutAndUseTheResultThatComesFirst() {
    begin(Schedule.sync());
    tell(heartbeats.join(OTHER));
    load(REWARD, "c0");
    load(ROLLOUT, "p0");
    load(OTHER, "p0");
    Effect.Generate first = last(Effect.Generate.class);
    assertEquals(ROLLOUT, first.worker());
    pass(10 * 60_000);
    Effect.Generate second = last(Effect.Generate.class);
    assertEquals(OTHER, second.worker());
    assertEquals(first.id(), second.id());
    assertEquals(ROLLOUT, last(Effect.Revoke.class).worker());
    Event.Generated late = generated(ROLLOUT, first.order(), "p0");
    tell(late);
    assertEquals(0, ledger.counts().discarded(), "as good as any other");
    assertEquals(late.images(), last(Effect.Score.class).images());
    tell(generated(OTHER, second.order(), "p0"));
    assertEquals(1, ledger.counts().discarded());
    assertEquals(1, ledger.counts().released());
  }

  @Test
  void shouldGiveNoLeaseInAPauseAndFinishWhatIsOpen() {
    begin(Schedule.sync());
    load(REWARD, "c0");
    load(ROLLOUT, "p0");
    tell(new Event.PauseRequested(true));
    tell(generated(ROLLOUT, last(Effect.Generate.class).order(), "p0"));
    pass(60 * 60_000);
    assertTrue(all(Effect.Score.class).isEmpty());
    assertTrue(all(Effect.Report.class).isEmpty(), "a pause is no standstill");
    tell(new Event.PauseRequested(false));
    assertEquals(REWARD, last(Effect.Score.class).worker());
  }

  @Test
  void shouldEndAPauseWhenItIsToStop() {
    begin(Schedule.sync());
    tell(new Event.PauseRequested(true));
    load(ROLLOUT, "p0");
    assertTrue(all(Effect.Generate.class).isEmpty());
    tell(new Event.StopRequested(false));
    assertEquals(ROLLOUT, last(Effect.Generate.class).worker());
  }

  @Test
  void shouldTellWhoWaitsForWhat() {
    begin(Schedule.sync());
    tell(new Event.NodeJoined("here", List.of(Role.ROLLOUT, Role.REWARD), true, Long.MAX_VALUE));
    tell(heartbeats.join(OTHER));
    load(ROLLOUT, "p0");
    load(REWARD, "c0");
    pass(2_000);
    LedgerStatus status = ledger.status();
    assertEquals(0, status.trained());
    assertEquals(3, status.last());
    assertEquals(new LedgerStatus.Stream(0, "p0", 1), status.policy());
    assertEquals(1, status.stages().get("generating"));
    assertEquals(0, status.stages().get("admitted"));
    assertEquals(
        List.of(
            new LedgerStatus.Worker(
                ROLLOUT, "leased", 0, "p0", 1, Optional.of(new GroupId(0, 0)), "draws 0.0", 2_000),
            new LedgerStatus.Worker(
                REWARD, "idle", 0, "c0", 1, Optional.empty(), "waits for a group", 0),
            new LedgerStatus.Worker(
                OTHER, "loading", 0, "p0", 0, Optional.empty(), "loads version 0", 2_000)),
        status.workers());
    assertEquals(
        List.of(
            new LedgerStatus.Node(
                "here", List.of(Role.ROLLOUT, Role.REWARD), false, 2_000, List.of())),
        status.nodes());
  }

  @Test
  void shouldRefuseACheckpointOfAnotherSchedule() {
    begin(Schedule.fixedLag(1, 1));
    load(ROLLOUT, "p0");
    load(REWARD, "c0");
    tell(generated(ROLLOUT, last(Effect.Generate.class).order(), "p0"));
    tell(scored(REWARD, last(Effect.Score.class).order(), "c0"));
    tell(new Event.PolicyTrained(0, "p1", List.of()));
    tell(new Event.CriticTrained(0, "c1"));
    LedgerSnapshot snapshot = last(Effect.Checkpoint.class).snapshot();
    assertEquals(Map.of(0L, "p0", 1L, "p1"), snapshot.policyHashes());
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> Ledger.resume(config(Schedule.sync()), 0, snapshot));
    assertTrue(refusal.getMessage().startsWith("a run keeps its schedule"), refusal::getMessage);
  }

  @Test
  void shouldRefuseSettingsThatContradictEachOther() {
    assertThrows(IllegalArgumentException.class, () -> new Schedule(Schedule.Mode.SYNC, 1, 0, 0));
    assertThrows(
        IllegalArgumentException.class, () -> new Schedule(Schedule.Mode.FIXED_LAG, 2, 2, 1));
    assertThrows(IllegalArgumentException.class, () -> Schedule.freeRunning(0, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> Schedule.freeRunning(1, 1, 2));
    IllegalArgumentException none =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new LedgerConfig(
                    Schedule.sync(), 1, 0, true, 1, 0, LedgerConfig.Limits.defaults()));
    assertEquals("steps 0 is not positive", none.getMessage());
  }
}
