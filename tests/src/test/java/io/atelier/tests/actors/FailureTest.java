package io.atelier.tests.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.guardian.RunSetup;
import io.atelier.actors.ledger.journal.LedgerEntry;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.ledger.state.LedgerConfig.OnUnscorable;
import io.atelier.actors.report.RunEnd;
import io.atelier.models.state.Held;
import io.atelier.models.state.NamedTensors;
import io.atelier.reward.Reward;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import io.atelier.tests.toy.Latches;
import io.atelier.tests.toy.Limits;
import io.atelier.tests.toy.ToyGenerator;
import io.atelier.tests.toy.ToyPolicy;
import io.atelier.tests.toy.ToyRun;
import io.atelier.tests.toy.ToyScorer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** G8: a failure is never a number; it is retried, replaced or the end of the run. */
@Timeout(180)
class FailureTest {

  /** What a group takes: images and trajectory, and with features. */
  private static final int GENERATED_BYTES = 332;

  private static final int GROUP_BYTES = 422;

  private static final int STEPS = 5;
  private static final GroupId BAD = new GroupId(2, 1);

  private static ToyRun run(OnUnscorable onUnscorable) {
    ToyRun run = new ToyRun(Schedule.fixedLag(1, 1), STEPS);
    run.ledger =
        Limits.with(
            run.ledger, Limits.of(Duration.ofMinutes(1), Duration.ofMinutes(2), 3, onUnscorable));
    return run;
  }

  private static RunEnd quiet() throws Exception {
    return run(OnUnscorable.STOP).start().awaitBalanced();
  }

  /** Scores as usual but for what {@code fault} says about a group. */
  private static final class FaultyScorer extends ToyScorer {
    private final Function<ImageGroup, Optional<Reward.Outcome>> fault;

    FaultyScorer(Function<ImageGroup, Optional<Reward.Outcome>> fault) {
      this.fault = fault;
    }

    @Override
    public Result score(ImageGroup group, Runnable encoded) {
      return fault
          .apply(group)
          .map(outcome -> new Result(outcome, Optional.empty()))
          .orElseGet(() -> super.score(group, encoded));
    }
  }

  @Test
  void shouldScoreAgainWhenTheScorerIsBusy() throws Exception {
    AtomicInteger busy = new AtomicInteger();
    ToyRun run = run(OnUnscorable.STOP);
    run.scorer =
        () ->
            new FaultyScorer(
                g ->
                    g.id().equals(BAD) && busy.incrementAndGet() <= 3
                        ? Optional.of(new Reward.RetryLater("busy"))
                        : Optional.empty());
    RunEnd end = run.start().awaitBalanced();
    assertEquals(4, busy.get());
    assertEquals(quiet().policyHash(), end.policyHash());
    assertEquals(0, end.counts().dropped());
  }

  @Test
  void shouldGiveUpWhenTheScorerStaysBusy() throws Exception {
    ToyRun run = run(OnUnscorable.STOP);
    run.scorer =
        () ->
            new FaultyScorer(
                g ->
                    g.id().equals(BAD)
                        ? Optional.of(new Reward.RetryLater("queue is full"))
                        : Optional.empty());
    String failure = run.start().awaitFailure().getMessage();
    assertTrue(failure.contains("group 2.1 cannot be scored"), failure);
    assertTrue(failure.contains("put off 4 times, at last: queue is full"), failure);
  }

  @Test
  void shouldReplaceTheGroupWhenItCannotBeScored() throws Exception {
    ToyRun run = run(OnUnscorable.REPLACE);
    run.scorer =
        () ->
            new FaultyScorer(
                g ->
                    g.prompt().text().equals("toy 2.1 attempt 0")
                        ? Optional.of(new Reward.Unscorable("not an image"))
                        : Optional.empty());
    RunEnd end = run.start().awaitBalanced();
    assertEquals(STEPS, end.steps());
    assertEquals(1, end.counts().dropped());
    assertEquals(STEPS * 3 + 1, end.counts().admitted());
    assertTrue(run.journal.contains(new LedgerEntry.Dropped(BAD, 0, "unscorable: not an image")));
    List<LedgerEntry.Trained> trained =
        run.journal.stream()
            .filter(e -> e instanceof LedgerEntry.Trained t && t.id().equals(BAD))
            .map(LedgerEntry.Trained.class::cast)
            .toList();
    assertEquals(1, trained.size());
    assertEquals(1, trained.get(0).attempt());
    assertTrue(
        run.reports.stream().anyMatch(r -> r.contains("not an image")), run.reports::toString);
  }

  @Test
  void shouldStopWhenTooManyReplacementsCannotBeScored() throws Exception {
    ToyRun run = run(OnUnscorable.REPLACE);
    run.scorer =
        () ->
            new FaultyScorer(
                g ->
                    g.id().equals(BAD)
                        ? Optional.of(new Reward.Unscorable("not an image"))
                        : Optional.empty());
    String failure = run.start().awaitFailure().getMessage();
    assertTrue(failure.contains("group 2.1 cannot be scored, nor could its 2"), failure);
    assertEquals(3, run.journal.stream().filter(LedgerEntry.Dropped.class::isInstance).count());
  }

  @Test
  void shouldRecoverWhenTheScorerThrowsOnce() throws Exception {
    AtomicInteger thrown = new AtomicInteger();
    ToyRun run = run(OnUnscorable.STOP);
    run.scorer =
        () ->
            new FaultyScorer(
                g -> {
                  if (g.id().equals(BAD) && thrown.getAndIncrement() == 0) {
                    throw new IllegalStateException("out of device memory");
                  }
                  return Optional.empty();
                });
    RunEnd end = run.start().awaitBalanced();
    assertEquals(2, thrown.get());
    assertEquals(quiet().policyHash(), end.policyHash());
    assertTrue(
        run.reports.stream().anyMatch(r -> r.contains("out of device memory")),
        run.reports::toString);
  }

  @Test
  void shouldFailWithTheFirstCauseWhenAGroupFailsTwice() throws Exception {
    AtomicInteger thrown = new AtomicInteger();
    ToyRun run = run(OnUnscorable.REPLACE);
    run.scorer =
        () ->
            new FaultyScorer(
                g -> {
                  if (g.id().equals(BAD)) {
                    throw new IllegalArgumentException("failure " + thrown.incrementAndGet());
                  }
                  return Optional.empty();
                });
    Throwable failure = run.start().awaitFailure();
    assertTrue(failure.getMessage().startsWith("group 2.1 failed 2 times"), failure::getMessage);
    assertTrue(failure.getMessage().endsWith("failure 1"), failure::getMessage);
    assertInstanceOf(IllegalArgumentException.class, failure.getCause());
    assertEquals("failure 1", failure.getCause().getMessage());
  }

  @Test
  void shouldFailWhenAScoreIsNotANumber() throws Exception {
    ToyRun run = run(OnUnscorable.REPLACE);
    run.scorer =
        () ->
            new FaultyScorer(
                g -> Optional.of(new Reward.Scored(new float[] {1, Float.NaN}, Map.of())));
    String failure = run.start().awaitFailure().getMessage();
    assertTrue(failure.contains("score of image 1 is NaN"), failure);
  }

  @Test
  void shouldFailWhenScoresAreMissing() throws Exception {
    ToyRun run = run(OnUnscorable.REPLACE);
    run.scorer =
        () -> new FaultyScorer(g -> Optional.of(new Reward.Scored(new float[] {1}, Map.of())));
    String failure = run.start().awaitFailure().getMessage();
    assertTrue(failure.contains("2 images, but the reward gave 1 scores"), failure);
  }

  @Test
  void shouldFailWithTheCauseWhenAComputeObjectCannotBeMade() throws Exception {
    ToyRun run = run(OnUnscorable.REPLACE);
    run.policy =
        () -> {
          throw new IllegalArgumentException("no file model.safetensors");
        };
    Throwable failure = run.start().awaitFailure();
    assertEquals("the policy-learner failed: no file model.safetensors", failure.getMessage());
    assertInstanceOf(IllegalArgumentException.class, failure.getCause());
    ToyRun workers = run(OnUnscorable.REPLACE);
    workers.generator =
        () -> {
          throw new UnsatisfiedLinkError("no libtorch");
        };
    String message = workers.start().awaitFailure().getMessage();
    assertTrue(message.contains("no libtorch"), message);
    assertTrue(message.contains("no rollout worker is left"), message);
  }

  @Test
  void shouldFailWithTheCauseWhenTheLearnerThrows() throws Exception {
    ToyRun run = run(OnUnscorable.REPLACE);
    run.policy =
        () ->
            new ToyPolicy() {
              @Override
              public io.atelier.learner.PolicyStep begin(
                  int step, List<io.atelier.learner.ScoredGroup> groups) {
                if (step == 1) {
                  throw new ArithmeticException("loss is NaN in step 1");
                }
                return super.begin(step, groups);
              }
            };
    assertEquals(
        "the policy-learner failed: loss is NaN in step 1",
        run.start().awaitFailure().getMessage());
    assertEquals(1, run.steps.size());
  }

  @Test
  void shouldFailAndKeepTheLastCheckpointWhenACheckpointCannotBeWritten() throws Exception {
    ToyRun run = run(OnUnscorable.REPLACE);
    run.checkpoint =
        state -> {
          if (state.step() == 3) {
            throw new IllegalStateException("no space left on device");
          }
        };
    Throwable failure = run.start().awaitFailure();
    assertEquals("no space left on device", failure.getMessage());
  }

  @Test
  void shouldGiveNoWorkWhenAWorkerHoldsOtherWeights() throws Exception {
    AtomicInteger made = new AtomicInteger();
    AtomicInteger worked = new AtomicInteger();
    CountDownLatch found = new CountDownLatch(1);
    ToyRun run = run(OnUnscorable.STOP);
    run.workers = new RunSetup.Workers(2, 1, 0, 3, "toys");
    run.generator =
        () ->
            made.getAndIncrement() > 0
                ? new ToyGenerator() {
                  @Override
                  public Sampled sample(GroupId id, io.atelier.rollout.Prompt prompt) {
                    Latches.await(found); // or the run may be over before the other has its weights
                    return super.sample(id, prompt);
                  }
                }
                : new ToyGenerator() {
                  @Override
                  public Held load(NamedTensors weights) {
                    return new Held("of something else", 0);
                  }

                  @Override
                  public Sampled sample(GroupId id, io.atelier.rollout.Prompt prompt) {
                    worked.incrementAndGet();
                    return super.sample(id, prompt);
                  }
                };
    run.start();
    run.awaitReport("holds hash of something else as policy version");
    found.countDown();
    RunEnd end = run.awaitBalanced();
    assertEquals(0, worked.get());
    assertEquals(quiet().policyHash(), end.policyHash());
  }

  @Test
  void shouldKeepNoBlobsWhenTheirGroupsAreTrained() throws Exception {
    ToyRun run = new ToyRun(Schedule.sync(), 60);
    // A group of the toy takes at most 460 bytes as it travels; a step has three.
    run.maxBlobBytes = 3 * 460;
    assertEquals(60, run.start().awaitBalanced().steps());
  }

  @Test
  void shouldFailWhenAStepDoesNotFit() throws Exception {
    ToyRun run = new ToyRun(Schedule.sync(), 3);
    run.maxBlobBytes = 3 * GENERATED_BYTES - 1;
    String failure = run.start().awaitFailure().getMessage();
    assertTrue(
        failure.contains(
            "has room for 2 groups of %d bytes, and a step has 3".formatted(GENERATED_BYTES)),
        failure);
    assertTrue(failure.contains("raise workers.blob-megabytes"), failure);
  }

  /** Before one is scored nobody knows how much that takes. */
  @Test
  void shouldFailWhenTheFeaturesOfAStepDoNotFit() throws Exception {
    ToyRun run = new ToyRun(Schedule.sync(), 3);
    run.maxBlobBytes = 3 * GENERATED_BYTES;
    String failure = run.start().awaitFailure().getMessage();
    assertTrue(
        failure.contains(
            "has room for 2 groups of %d bytes, and a step has 3".formatted(GROUP_BYTES)),
        failure);
  }

  @Test
  void shouldFailWhenNoBlobFits() throws Exception {
    ToyRun run = new ToyRun(Schedule.sync(), 3);
    run.maxBlobBytes = 10;
    String failure = run.start().awaitFailure().getMessage();
    assertTrue(failure.contains("does not fit") && failure.contains("raise the limit"), failure);
  }

  /** Six groups may be open, of which four have room. */
  @Test
  void shouldWaitForRoomAndLoseNothing() throws Exception {
    AtomicLong most = new AtomicLong();
    String quiet = withStore(1 << 20, most).policyHash();
    assertTrue(most.get() > 4 * GROUP_BYTES, "it never had that much: " + most);
    RunEnd end = withStore(4 * GROUP_BYTES, new AtomicLong());
    assertEquals(quiet, end.policyHash());
    assertEquals(0, end.counts().dropped() + end.counts().released());
  }

  /** Notes the most that was held when a group was to be generated. */
  private static RunEnd withStore(long bytes, AtomicLong most) throws Exception {
    ToyRun run = new ToyRun(Schedule.fixedLag(1, 1), 8);
    run.workers = new RunSetup.Workers(3, 1, 0, 3, "toys");
    run.maxBlobBytes = bytes;
    run.generator =
        () ->
            new ToyGenerator() {
              @Override
              public Sampled sample(GroupId id, Prompt prompt) {
                most.accumulateAndGet(run.nodes.held("leader"), Math::max);
                return super.sample(id, prompt);
              }
            };
    RunEnd end = run.start().awaitBalanced();
    assertEquals(0, run.nodes.held("leader"));
    return end;
  }
}
