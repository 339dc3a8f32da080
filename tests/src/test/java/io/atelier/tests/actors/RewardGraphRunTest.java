package io.atelier.tests.actors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.guardian.RunSetup;
import io.atelier.actors.ledger.journal.LedgerEntry;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.ledger.state.LedgerConfig;
import io.atelier.actors.report.GroupCredit;
import io.atelier.actors.report.RankedImages;
import io.atelier.actors.report.RunEnd;
import io.atelier.actors.report.StepReport;
import io.atelier.actors.report.StepState;
import io.atelier.actors.report.TrainedGroup;
import io.atelier.models.state.NamedTensors;
import io.atelier.reward.Reward;
import io.atelier.reward.graph.Node;
import io.atelier.reward.graph.Over;
import io.atelier.reward.graph.RewardGraph;
import io.atelier.rollout.ImageGroup;
import io.atelier.tests.toy.ToyRun;
import io.atelier.tests.toy.ToyScorer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a graph makes of the workers' scores is what the policy learns from. */
@Timeout(180)
class RewardGraphRunTest {
  private static final int STEPS = 4;
  private static final Node TOY = Node.leaf("toy");

  private static ToyRun run(Node root) {
    ToyRun run = new ToyRun(Schedule.fixedLag(1, 1), STEPS);
    run.graph = Optional.of(RewardGraph.of(root, Set.of("toy")));
    return run;
  }

  /** After every second step. */
  private static ToyRun evaluated(Node root) {
    ToyRun run = run(root);
    LedgerConfig config = run.ledger;
    run.ledger = new LedgerConfig(config.schedule(), 3, STEPS, true, 2, 2, config.limits());
    return run;
  }

  private static double metric(ToyRun run, String name) {
    StepReport last = run.steps.get(STEPS - 1);
    assertTrue(last.metrics().containsKey(name), last.metrics().toString());
    return last.metrics().get(name);
  }

  @Test
  void shouldGiveTheBitsOfTheSumWhenTheGraphIsIt() throws Exception {
    ToyRun sum = new ToyRun(Schedule.fixedLag(1, 1), STEPS);
    RunEnd end = sum.start().awaitBalanced();
    ToyRun graph = run(TOY.plus(TOY.weight(0)));
    assertEquals(end.policyHash(), graph.start().awaitBalanced().policyHash());
    assertEquals(metric(sum, "reward/total"), metric(graph, "reward/total"));
    ToyRun doubled = run(TOY.weight(2));
    assertNotEquals(end.policyHash(), doubled.start().awaitBalanced().policyHash());
  }

  /** Over the step the mean is 0, which no group's own mean is. */
  @Test
  void shouldTellWhatIsTrainedOnAndTheNodesThatHaveNames() throws Exception {
    ToyRun run = run(TOY.normalised(Over.STEP).named("even").plus(Node.constant(3)));
    run.start().awaitBalanced();
    assertEquals(3, metric(run, "reward/total"), 1e-6);
    assertEquals(0, metric(run, "graph/even"), 1e-12);
    assertNotEquals(0, metric(run, "reward/toy"), 1e-6);
    assertEquals(3 * STEPS, run.groups.size());
    for (TrainedGroup group : run.groups) {
      GroupCredit credit = group.credit();
      double[] even = credit.nodes().get("even");
      assertEquals(credit.rewards().length, even.length);
      assertEquals(3 + even[1], credit.rewards()[1], 1e-6);
    }
    ToyRun flat = run(TOY.clip(-1e-30, 1e-30).weight(0).named("nothing"));
    flat.start().awaitBalanced();
    assertEquals(1, metric(flat, "reward/zero-variance"));
    assertFalse(flat.steps.get(0).metrics().containsKey("graph/even"));
  }

  /** What is highest by the reward that is trained on is lowest by the scores. */
  @Test
  void shouldShowTheImagesWithTheHighestAndTheLowestRewards() throws Exception {
    ToyRun scores = evaluated(TOY);
    scores.start().awaitBalanced();
    assertEquals(List.of(2, 4), scores.ranked.stream().map(RankedImages::step).toList());
    RankedImages first = scores.ranked.get(0);
    assertEquals(3, first.highest().size());
    List<Float> apart = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      assertEquals(first.lowest().get(i).prompt(), first.highest().get(i).prompt());
      apart.add(first.highest().get(i).reward() - first.lowest().get(i).reward());
      assertTrue(apart.get(i) > 0, apart.toString());
    }
    assertEquals(apart.stream().sorted(Comparator.reverseOrder()).toList(), apart);
    ToyRun reversed = evaluated(TOY.weight(-1));
    reversed.start().awaitBalanced();
    RankedImages.Ranked best = reversed.ranked.get(0).highest().get(0);
    RankedImages.Ranked worst = first.lowest().get(0);
    assertEquals(-worst.reward(), best.reward());
    assertEquals(worst.prompt(), best.prompt());
    assertArrayEquals(worst.image().rgb(), best.image().rgb());
  }

  @Test
  void shouldGiveTheSameBitsWhateverTheWorkersDoAndWhenResumed() throws Exception {
    Node root =
        Node.sum(
            TOY.normalised(Over.STEP),
            TOY.sigmoid().weight(-0.25),
            TOY.normalised(Over.PREVIOUS_STEP),
            TOY.runningNormalised(0.9),
            TOY.scheduled(0, 1, 1, 3));
    ToyRun straight = run(root);
    RunEnd end = straight.start().awaitBalanced();
    ToyRun many = run(root);
    many.workers = new RunSetup.Workers(3, 3, 2, 3, "toys");
    assertEquals(end.policyHash(), many.start().awaitBalanced().policyHash());
    ToyRun resumed = run(root);
    resumed.resume = Optional.of(straight.checkpoints.get(2));
    long length = straight.checkpoints.get(2).ledger().journalLength();
    resumed.journal.addAll(straight.journal.subList(0, (int) length));
    assertEquals(end.policyHash(), resumed.start().awaitBalanced().policyHash());
    ToyRun forgetful = run(root);
    forgetful.resume = Optional.of(without(straight.checkpoints.get(2), "graph."));
    forgetful.journal.addAll(straight.journal.subList(0, (int) length));
    assertNotEquals(end.policyHash(), forgetful.start().awaitBalanced().policyHash());
  }

  private static StepState without(StepState state, String prefix) {
    Map<String, NamedTensors.Tensor> policy = new TreeMap<>(state.policy().asMap());
    assertTrue(policy.keySet().removeIf(name -> name.startsWith(prefix)), policy.toString());
    return new StepState(
        state.step(),
        new NamedTensors(policy),
        state.critic(),
        state.policyVersions(),
        state.criticVersions(),
        state.ledger());
  }

  /** A group is flat where the scores of both its images are below 0. */
  private static ToyRun replacing(int workers) {
    ToyRun run = run(Node.gate(TOY, 0, TOY, Node.constant(0)));
    run.flatReplacements = 1;
    run.workers = new RunSetup.Workers(workers, workers, 0, 3, "toys");
    return run;
  }

  @Test
  void shouldReplaceFlatGroupsTheSameWayWhateverTheWorkersDoAndWhenResumed() throws Exception {
    ToyRun straight = replacing(1);
    RunEnd end = straight.start().awaitBalanced();
    List<LedgerEntry.Dropped> dropped =
        straight.journal.stream()
            .filter(LedgerEntry.Dropped.class::isInstance)
            .map(LedgerEntry.Dropped.class::cast)
            .toList();
    assertFalse(dropped.isEmpty(), "no group was flat");
    for (LedgerEntry.Dropped one : dropped) {
      assertEquals("flat: all of its images have one reward", one.reason());
      assertEquals(0, one.attempt(), "one replacement was allowed");
    }
    double counted =
        straight.steps.stream()
            .mapToDouble(s -> s.metrics().getOrDefault("reward/replaced-groups", 0.0))
            .sum();
    assertEquals(dropped.size(), counted);
    assertEquals(end.policyHash(), replacing(3).start().awaitBalanced().policyHash());
    ToyRun resumed = replacing(2);
    resumed.resume = Optional.of(straight.checkpoints.get(2));
    long length = straight.checkpoints.get(2).ledger().journalLength();
    resumed.journal.addAll(straight.journal.subList(0, (int) length));
    assertEquals(end.policyHash(), resumed.start().awaitBalanced().policyHash());
    ToyRun keeping = replacing(1);
    keeping.flatReplacements = 0;
    RunEnd other = keeping.start().awaitBalanced();
    assertEquals(0, other.counts().dropped());
    assertNotEquals(end.policyHash(), other.policyHash());
  }

  /** A worker whose reward does not apply to one group has scores of another for it. */
  private static final class Part extends ToyScorer {
    @Override
    public Result score(ImageGroup group, Runnable encoded) {
      Result whole = super.score(group, encoded);
      float[] scores = ((Reward.Scored) whole.outcome()).total();
      Map<String, float[]> parts =
          group.id().slot() == 1 ? Map.of("other", scores) : Map.of("other", scores, "toy", scores);
      return new Result(new Reward.Scored(scores, parts), whole.features());
    }
  }

  @Test
  void shouldLeaveOutAPartThatDoesNotApplyAndFailWhereNoneDoes() throws Exception {
    ToyRun some = run(TOY);
    some.graph = Optional.of(new RewardGraph(Node.mean(TOY, Node.leaf("other"))));
    some.scorer = Part::new;
    RunEnd end = some.start().awaitBalanced();
    assertEquals(
        new ToyRun(Schedule.fixedLag(1, 1), STEPS).start().awaitBalanced().policyHash(),
        end.policyHash());
    ToyRun none = run(TOY);
    none.scorer = Part::new;
    String failure = none.start().awaitFailure().getMessage();
    assertTrue(failure.contains("image 0 of group 0.1 has no reward"), failure);
    assertTrue(failure.contains("toy 0.1 attempt 0"), failure);
  }
}
