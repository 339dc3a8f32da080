package io.atelier.tests.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.guardian.RunSetup;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.ledger.state.LedgerConfig;
import io.atelier.actors.report.RunEnd;
import io.atelier.reward.Reward;
import io.atelier.reward.graph.Node;
import io.atelier.reward.graph.RewardGraph;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.ImageGroup;
import io.atelier.tests.toy.ToyGenerator;
import io.atelier.tests.toy.ToyRun;
import io.atelier.tests.toy.ToyScorer;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the states before trained steps lead to is scored, and only the policy learns from it. */
@Timeout(180)
class StepCreditRunTest {
  private static final int STEPS = 4;
  private static final GroupId ODD = new GroupId(2, 1);

  private static ToyRun run(int steps) {
    ToyRun run = new ToyRun(Schedule.fixedLag(1, 1), steps);
    run.generator = () -> new ToyGenerator(true);
    return run;
  }

  private static RunEnd quiet() throws Exception {
    return run(STEPS).start().awaitBalanced();
  }

  /** Says something else of the images of one state: those that are fewer than the group's. */
  private static final class OddScorer extends ToyScorer {
    private final Function<ImageGroup, Optional<Reward.Outcome>> odd;

    private OddScorer(Function<ImageGroup, Optional<Reward.Outcome>> odd) {
      this.odd = odd;
    }

    @Override
    public Result score(ImageGroup group, Runnable encoded) {
      boolean asked = group.id().equals(ODD) && group.images().count() == 1;
      return (asked ? odd.apply(group) : Optional.<Reward.Outcome>empty())
          .map(outcome -> new Result(outcome, Optional.empty()))
          .orElseGet(() -> super.score(group, encoded));
    }
  }

  /** As a sum in which the reward counts twice. */
  private static final class DoubleScorer extends ToyScorer {
    @Override
    public Result score(ImageGroup group, Runnable encoded) {
      Result once = super.score(group, encoded);
      Reward.Scored scores = (Reward.Scored) once.outcome();
      float[] total = scores.total().clone();
      for (int i = 0; i < total.length; i++) {
        total[i] *= 2;
      }
      return new Result(new Reward.Scored(total, scores.parts()), once.features());
    }
  }

  @Test
  void shouldTeachThePolicyAloneAndReportTheGroupsImagesAlone() throws Exception {
    ToyRun none = new ToyRun(Schedule.fixedLag(1, 1), 1);
    RunEnd plain = none.start().awaitBalanced();
    ToyRun one = run(1);
    RunEnd credited = one.start().awaitBalanced();
    assertNotEquals(plain.policyHash(), credited.policyHash());
    assertEquals(plain.criticHash(), credited.criticHash());
    assertEquals(none.steps.get(0).images(), one.steps.get(0).images());
    for (String metric : new String[] {"reward/total", "reward/toy", "reward/zero-variance"}) {
      assertEquals(none.steps.get(0).metrics().get(metric), one.steps.get(0).metrics().get(metric));
    }
    assertEquals(0, one.nodes.held("leader"));
  }

  @Test
  void shouldGiveTheSameBitsWhateverTheWorkersDoAndWhenResumed() throws Exception {
    ToyRun straight = run(STEPS);
    RunEnd end = straight.start().awaitBalanced();
    ToyRun many = run(STEPS);
    many.workers = new RunSetup.Workers(3, 3, 2, 3, "toys");
    assertEquals(end.policyHash(), many.start().awaitBalanced().policyHash());
    ToyRun resumed = run(STEPS);
    resumed.resume = Optional.of(straight.checkpoints.get(2));
    long length = straight.checkpoints.get(2).ledger().journalLength();
    resumed.journal.addAll(straight.journal.subList(0, (int) length));
    assertEquals(end.policyHash(), resumed.start().awaitBalanced().policyHash());
  }

  @Test
  void shouldMakePotentialsByTheGraphThatMakesRewards() throws Exception {
    ToyRun graph = run(STEPS);
    graph.graph = Optional.of(RewardGraph.of(Node.leaf("toy").weight(2), Set.of("toy")));
    String hash = graph.start().awaitBalanced().policyHash();
    ToyRun sum = run(STEPS);
    sum.scorer = DoubleScorer::new;
    assertEquals(sum.start().awaitBalanced().policyHash(), hash);
    assertNotEquals(quiet().policyHash(), hash);
  }

  @Test
  void shouldScoreAGroupAgainWhenOneOfItsStatesCannotBeScoredNow() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    ToyRun run = run(STEPS);
    run.scorer =
        () ->
            new OddScorer(
                group ->
                    asked.incrementAndGet() <= 2
                        ? Optional.of(new Reward.RetryLater("busy"))
                        : Optional.empty());
    RunEnd end = run.start().awaitBalanced();
    assertEquals(3, asked.get());
    assertEquals(quiet().policyHash(), end.policyHash());
  }

  private static String failure(Reward.Outcome outcome) throws Exception {
    ToyRun run = run(STEPS);
    LedgerConfig config = run.ledger;
    LedgerConfig.Limits limits = LedgerConfig.Limits.defaults();
    assertTrue(limits.replacements() > 0);
    run.ledger = new LedgerConfig(config.schedule(), 3, STEPS, true, 1, 0, limits);
    run.scorer = () -> new OddScorer(group -> Optional.of(outcome));
    return run.start().awaitFailure().getMessage();
  }

  @Test
  void shouldNameTheGroupOfWhichAStateCannotBeScored() throws Exception {
    String never = failure(new Reward.Unscorable("not an image"));
    assertTrue(never.contains("group 2.1 cannot be scored"), never);
    assertTrue(never.contains("not an image"), never);
    String others = failure(new Reward.Scored(new float[] {1}, Map.of("ocr", new float[] {1})));
    assertTrue(
        others.contains("the images have scores of [toy], but those of trained step 1"), others);
    String more = failure(new Reward.Scored(new float[] {1, 2}, Map.of()));
    assertTrue(more.contains("group 2.1 has 1 images, but the reward gave 2 scores"), more);
  }
}
