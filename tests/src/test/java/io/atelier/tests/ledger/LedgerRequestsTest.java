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
import io.atelier.actors.ledger.state.LedgerConfig;
import io.atelier.reward.Reward;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Checkpoints and evaluations that somebody asks for, beside those that are due. */
class LedgerRequestsTest {
  private static final WorkerId ROLLOUT = new WorkerId(Role.ROLLOUT, "rollout-0", 0, "here");
  private static final WorkerId REWARD = new WorkerId(Role.REWARD, "reward-0", 0, "here");
  private static final Span SPAN = new Span(0, 0);

  private final List<Effect> seen = new ArrayList<>();
  private Ledger ledger;
  private long blobs;

  /** Ten steps of a group each, with a checkpoint after five and an evaluation after each four. */
  @BeforeEach
  void begin() {
    LedgerConfig.Limits limits = LedgerConfig.Limits.defaults();
    ledger = Ledger.create(new LedgerConfig(Schedule.sync(), 1, 10, false, 5, 4, limits), 0);
    tell(new Event.Tick(1_000));
    tell(new Event.Published(Weights.POLICY, 0, "p0"));
    tell(new Event.Published(Weights.CRITIC, 0, "c0"));
    Heartbeats heartbeats = new Heartbeats();
    tell(
        new Event.NodeJoined(
            ROLLOUT.node(), List.of(Role.ROLLOUT, Role.REWARD), false, Long.MAX_VALUE));
    tell(heartbeats.join(ROLLOUT));
    tell(heartbeats.join(REWARD));
    load(REWARD, "c0");
  }

  private void tell(Event event) {
    List<Effect> effects = ledger.on(event);
    seen.addAll(effects);
    for (Effect effect : effects) {
      if (effect instanceof Effect.Land land) {
        tell(new Event.Landed(land.id(), land.order(), land.trajectory(), land.features()));
      }
    }
  }

  private <T extends Effect> List<T> all(Class<T> kind) {
    return seen.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  private <T extends Effect> T last(Class<T> kind) {
    return all(kind).get(all(kind).size() - 1);
  }

  private void load(WorkerId worker, String hash) {
    long order =
        all(Effect.Load.class).stream()
            .filter(load -> load.worker().equals(worker))
            .reduce((a, b) -> b)
            .orElseThrow()
            .order();
    tell(new Event.Loaded(worker, order, hash, 1, SPAN));
  }

  private BlobRef blob() {
    return new BlobRef("here", ++blobs, 1, 0);
  }

  /** Up to where the learner computes. */
  private void beginStep(int step) {
    load(ROLLOUT, "p" + step);
    long drawn = last(Effect.Generate.class).order();
    tell(new Event.Generated(ROLLOUT, drawn, "p" + step, blob(), blob(), SPAN));
    Reward.Scored scores = new Reward.Scored(new float[] {1, 2}, Map.of());
    long scored = last(Effect.Score.class).order();
    tell(
        new Event.Scored(
            REWARD,
            scored,
            "c0",
            scores,
            List.of(),
            Optional.empty(),
            Optional.empty(),
            SPAN,
            0,
            SPAN));
    assertEquals(step, last(Effect.Train.class).step());
  }

  private void endStep(int step) {
    tell(new Event.PolicyTrained(step, "p" + (step + 1), List.of()));
    tell(new Event.Journaled(step + 1));
  }

  private List<Integer> checkpoints() {
    return all(Effect.Checkpoint.class).stream().map(due -> due.snapshot().step()).toList();
  }

  private List<Integer> evaluations() {
    return all(Effect.Evaluate.class).stream().map(Effect.Evaluate::step).toList();
  }

  @Test
  void shouldTakeACheckpointAtTheNextBoundaryAndNoneTwice() {
    assertEquals(0, ledger.boundary());
    tell(new Event.CheckpointRequested());
    assertEquals(List.of(), checkpoints(), "of nothing trained there is none");
    beginStep(0);
    tell(new Event.CheckpointRequested());
    assertEquals(1, ledger.boundary());
    assertEquals(List.of(), checkpoints());
    endStep(0);
    assertEquals(List.of(1), checkpoints());
    tell(new Event.CheckpointRequested());
    assertEquals(0, ledger.checkpointed(), "it is not written yet");
    tell(new Event.CheckpointWritten(1));
    assertEquals(1, ledger.checkpointed());
    tell(new Event.CheckpointRequested());
    assertEquals(List.of(1), checkpoints());
    beginStep(1);
    tell(new Event.CheckpointRequested());
    assertEquals(2, ledger.boundary());
    endStep(1);
    assertEquals(List.of(1, 2), checkpoints());
  }

  @Test
  void shouldTakeACheckpointInAPause() {
    beginStep(0);
    tell(new Event.PauseRequested(true));
    endStep(0);
    assertEquals(List.of(), checkpoints());
    tell(new Event.CheckpointRequested());
    assertEquals(List.of(1), checkpoints());
  }

  @Test
  void shouldEvaluateTheNewestVersionWhenAskedAndOnceOnly() {
    assertEquals(List.of(0), evaluations());
    tell(new Event.EvaluationRequested());
    tell(new Event.Evaluated(0));
    tell(new Event.EvaluationRequested());
    assertEquals(List.of(0), evaluations(), "the base is due anyway, and made then");
    beginStep(0);
    endStep(0);
    tell(new Event.EvaluationRequested());
    assertEquals(List.of(0, 1), evaluations());
    assertTrue(ledger.isEvaluationOpen(1));
    tell(new Event.Evaluated(1));
    assertFalse(ledger.isEvaluationOpen(1));
    tell(new Event.EvaluationRequested());
    assertEquals(List.of(0, 1), evaluations());
  }

  /** While that of the base is not done, one that was asked for waits, and then the newest. */
  @Test
  void shouldLetOnlyTheNewestRequestWaitAndNameTheOther() {
    for (int step = 0; step < 3; step++) {
      beginStep(step);
      endStep(step);
      tell(new Event.EvaluationRequested());
    }
    List<String> said =
        all(Effect.Report.class).stream()
            .map(Effect.Report::message)
            .filter(message -> message.contains("skipped"))
            .toList();
    assertEquals(2, said.size(), said::toString);
    assertTrue(said.get(1).startsWith("the evaluation at step 2 is skipped"), said::toString);
    beginStep(3);
    endStep(3); // after which one is due
    tell(new Event.Evaluated(0));
    tell(new Event.Evaluated(3));
    assertEquals(List.of(0, 3, 4), evaluations());
  }
}
