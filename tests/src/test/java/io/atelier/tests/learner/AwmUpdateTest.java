package io.atelier.tests.learner;

import static io.atelier.tests.learner.TinyLearning.SAMPLES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.atelier.learner.Gradient;
import io.atelier.learner.MicroBatch;
import io.atelier.learner.ScoredGroup;
import io.atelier.learner.advantage.AdvantageConfig;
import io.atelier.learner.grpo.FlatGroups;
import io.atelier.learner.grpo.MicroBatchGradients;
import io.atelier.learner.grpo.PolicyConfig;
import io.atelier.learner.grpo.PolicyUpdate;
import io.atelier.learner.loss.AwmConfig;
import io.atelier.learner.loss.Clip;
import io.atelier.learner.loss.LossConfig;
import io.atelier.learner.loss.LossTerms;
import io.atelier.models.optim.AdamConfig;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.GradientCheckpointing;
import io.atelier.models.sd3.Trained;
import io.atelier.models.sd3.WholeNetwork;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Torch;
import io.atelier.rollout.flow.ForwardTimes;
import io.atelier.rollout.flow.StepKind;
import io.atelier.rollout.flow.TrainedWindow;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.sampler.LatentType;
import io.atelier.rollout.sampler.RolloutConfig;
import io.atelier.tests.rollout.TinyModel;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AwmUpdateTest {
  private static final AdapterConfig ADAPTER = AdapterConfig.of(2, 4);
  private static final GroupNoise NOISE = new GroupNoise(79);
  private static final ForwardTimes TIMES = new ForwardTimes(2, 1, 4);

  private NDManager scope;
  private Trained trained = ADAPTER;
  private RolloutConfig rollout = rollout(0, 1, false);

  @BeforeEach
  void open() {
    scope = Torch.newScope();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static RolloutConfig rollout(int chunk, double guidance, boolean merge) {
    return new RolloutConfig(
        SAMPLES,
        chunk,
        32,
        32,
        4,
        guidance,
        StepKind.ODE,
        0,
        TrainedWindow.NONE,
        false,
        merge,
        16,
        8,
        LatentType.FLOAT32);
  }

  private static PolicyConfig config(double kl, int updates) {
    return new PolicyConfig(
        AdvantageConfig.DEFAULT,
        LossConfig.DEFAULT,
        Optional.of(new AwmConfig(TIMES, 0.5, 1, Clip.of(1), kl)),
        AdamConfig.adamW(1e-2),
        1,
        0.9,
        1,
        updates,
        0,
        0,
        FlatGroups.KEEP,
        GradientCheckpointing.AUTO);
  }

  private PolicyUpdate learner(PolicyConfig config) {
    return new PolicyUpdate(
        scope, TinyModel.load(scope, trained).denoiser(), trained, rollout, config, NOISE);
  }

  private MicroBatchGradients worker(PolicyConfig config, GroupNoise noise) {
    return new MicroBatchGradients(
        scope, TinyModel.load(scope, trained).denoiser(), trained, rollout, config, noise);
  }

  private List<ScoredGroup> groups(int step, NamedTensors policy) {
    return TinyLearning.groups(scope, trained, rollout, NOISE, step, policy, false);
  }

  @ParameterizedTest
  @CsvSource({
    "0,1,0,1,false,false",
    "0.5,2,2,4.5,false,false",
    "0.5,2,1,1,true,false",
    "0.5,2,0,1,false,true"
  })
  void shouldGiveTheBitsOfThePlainUpdateWhoeverComputes(
      double kl, int updates, int chunk, double guidance, boolean merge, boolean full) {
    trained = full ? new WholeNetwork() : ADAPTER;
    rollout = rollout(chunk, guidance, merge);
    PolicyConfig config = config(kl, updates);
    try (PolicyUpdate plain = learner(config);
        PolicyUpdate helped = learner(config);
        MicroBatchGradients one = worker(config, NOISE);
        MicroBatchGradients other = worker(config, NOISE)) {
      String start = plain.weights().contentHash();
      for (int step = 0; step < 2; step++) {
        List<ScoredGroup> groups = groups(step, plain.weights());
        Map<String, Double> expected = plain.update(step, groups);
        Map<String, Double> measured =
            MicroBatchTest.updateElsewhere(
                helped, step, groups, List.of(one, other), new Random(step));

        assertEquals(expected, measured);
        assertEquals(plain.state().contentHash(), helped.state().contentHash());
        assertTrue(measured.get("policy/gradient-norm") > 0);
        boolean moved = measured.get("policy/ratio-distance-max") > 0;
        assertEquals(updates > 1, moved, "only later updates of a step have a policy that moved");
        assertEquals(kl > 0 && (step > 0 || updates > 1), measured.get("policy/kl") > 0);
      }
      assertNotEquals(start, plain.weights().contentHash());
    }
  }

  @Test
  void shouldGoOnWithTheSameBitsWhenRestored() {
    PolicyConfig config = config(0.5, 2);
    try (PolicyUpdate whole = learner(config);
        PolicyUpdate again = learner(config)) {
      whole.update(0, groups(0, whole.weights()));
      again.restore(whole.state());
      List<ScoredGroup> groups = groups(1, whole.weights());
      assertEquals(whole.update(1, groups), again.update(1, groups));
      assertEquals(whole.state().contentHash(), again.state().contentHash());
    }
  }

  /** Of the images of a step, those of higher reward become more probable than the others. */
  @Test
  void shouldMakeImagesOfHigherRewardMoreProbable() {
    PolicyConfig config = config(0, 1);
    try (PolicyUpdate learner = learner(config);
        MicroBatchGradients worker = worker(config, NOISE)) {
      List<ScoredGroup> groups = groups(0, learner.weights());
      List<MicroBatch> batches = learner.begin(0, groups).next().orElseThrow();
      double before = weighed(worker, learner.weights(), groups, batches);
      for (int i = 0; i < 10; i++) {
        learner.update(0, groups);
      }
      double after = weighed(worker, learner.weights(), groups, batches);
      assertTrue(after > before + 0.01, before + " to " + after);
    }
  }

  /** Mean of advantage times log-probability. */
  private static double weighed(
      MicroBatchGradients worker,
      NamedTensors policy,
      List<ScoredGroup> groups,
      List<MicroBatch> batches) {
    worker.load(policy);
    double sum = 0;
    for (MicroBatch batch : batches) {
      List<LossTerms> terms = worker.of(batch, groups.get(batch.group()).trajectory()).terms();
      for (int i = 0; i < terms.size(); i++) {
        sum += batch.weight() * batch.advantages()[i] * terms.get(i).logProb();
      }
    }
    return sum;
  }

  /** Whoever computes a micro-batch draws its noise: another seed gives another gradient. */
  @Test
  void shouldDrawNoiseBySeedGroupAndRow() {
    PolicyConfig config = config(0, 1);
    try (PolicyUpdate learner = learner(config);
        MicroBatchGradients own = worker(config, NOISE);
        MicroBatchGradients strange = worker(config, new GroupNoise(80))) {
      List<ScoredGroup> groups = groups(0, learner.weights());
      List<MicroBatch> batches = learner.begin(0, groups).next().orElseThrow();
      assertEquals(2 * 2, batches.size(), "two groups, two levels");
      own.load(learner.weights());
      strange.load(learner.weights());
      MicroBatch first = batches.get(0);
      Gradient gradient = own.of(first, groups.get(0).trajectory());
      assertEquals(gradient.terms(), own.of(first, groups.get(0).trajectory()).terms());
      assertNotEquals(gradient.terms(), strange.of(first, groups.get(0).trajectory()).terms());
      assertNotEquals(gradient.terms(), own.of(batches.get(1), groups.get(0).trajectory()).terms());
    }
  }

  @Test
  void shouldRefuseGroupsOfTheOtherObjective() {
    RolloutConfig stepped =
        TinyLearning.rollout(StepKind.CPS, 0, 1, false, false, LatentType.FLOAT32);
    try (PolicyUpdate learner = learner(config(0, 1))) {
      List<ScoredGroup> groups =
          TinyLearning.groups(scope, trained, stepped, NOISE, 0, learner.weights(), false);
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> learner.begin(0, groups));
      assertTrue(refused.getMessage().contains("group 0.0 has 2 trained steps"));
    }
    List<ScoredGroup> clean = groups(0, firstWeights());
    PolicyConfig grpo =
        TinyLearning.config(LossConfig.DEFAULT, AdvantageConfig.DEFAULT.spread(), 1);
    try (PolicyUpdate learner =
        new PolicyUpdate(
            scope, TinyModel.load(scope, trained).denoiser(), trained, stepped, grpo, NOISE)) {
      assertThrows(IllegalArgumentException.class, () -> learner.begin(0, clean));
    }
    assertThrows(IllegalArgumentException.class, () -> config(0, 1).requireFits(stepped));
    assertThrows(IllegalArgumentException.class, () -> grpo.requireFits(rollout));
  }

  private NamedTensors firstWeights() {
    try (PolicyUpdate learner = learner(config(0, 1))) {
      return learner.weights();
    }
  }
}
