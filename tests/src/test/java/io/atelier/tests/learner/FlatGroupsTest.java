package io.atelier.tests.learner;

import static io.atelier.tests.learner.TinyLearning.SAMPLES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.atelier.learner.ScoredGroup;
import io.atelier.learner.advantage.AdvantageConfig;
import io.atelier.learner.advantage.Spread;
import io.atelier.learner.advantage.Weighting;
import io.atelier.learner.grpo.FlatGroups;
import io.atelier.learner.grpo.FlatGroups.Action;
import io.atelier.learner.grpo.PolicyConfig;
import io.atelier.learner.grpo.PolicyUpdate;
import io.atelier.learner.loss.Clip;
import io.atelier.learner.loss.KlPenalty;
import io.atelier.learner.loss.LossConfig;
import io.atelier.learner.loss.Staleness;
import io.atelier.models.optim.AdamConfig;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.GradientCheckpointing;
import io.atelier.models.tensor.Torch;
import io.atelier.rollout.flow.StepKind;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.sampler.LatentType;
import io.atelier.rollout.sampler.RolloutConfig;
import io.atelier.tests.rollout.TinyModel;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Groups whose samples all have one reward, in the loss or left out of it. */
class FlatGroupsTest {
  private static final AdapterConfig ADAPTER = AdapterConfig.of(2, 4);
  private static final GroupNoise NOISE = new GroupNoise(77);
  private static final RolloutConfig ROLLOUT =
      TinyLearning.rollout(StepKind.CPS, 0, 4.5, false, false, LatentType.FLOAT32);

  /** Whose gradient is not 0 where advantages are. */
  private static final LossConfig WITH_KL =
      new LossConfig(Clip.of(0.5), KlPenalty.VELOCITY, 0.5, false, Staleness.NONE, 0);

  private NDManager scope;

  @BeforeEach
  void open() {
    scope = Torch.newScope();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static PolicyConfig config(Weighting weighting, Action action, int updates) {
    return new PolicyConfig(
        AdvantageConfig.of(weighting, Spread.GROUP, 5),
        WITH_KL,
        Optional.empty(),
        AdamConfig.adamW(1e-2),
        1e6,
        0.9,
        1,
        updates,
        0,
        0,
        new FlatGroups(action, 1),
        GradientCheckpointing.AUTO);
  }

  private PolicyUpdate learner(Action action, int updates) {
    PolicyConfig config = config(Weighting.GRPO, action, updates);
    return new PolicyUpdate(
        scope, TinyModel.load(scope).denoiser(), ADAPTER, ROLLOUT, config, NOISE);
  }

  /** Two groups of a policy that has moved, of which those at the places are flat. */
  private List<ScoredGroup> groups(PolicyUpdate learner, Integer... flat) {
    return TinyLearning.groups(scope, ADAPTER, ROLLOUT, NOISE, 0, learner.weights(), true).stream()
        .map(g -> Arrays.asList(flat).contains(g.id().slot()) ? flattened(g) : g)
        .toList();
  }

  private static ScoredGroup flattened(ScoredGroup group) {
    float[] reward = new float[SAMPLES];
    Arrays.fill(reward, 0.1f); // whose mean has other digits
    return new ScoredGroup(
        group.id(),
        group.prompt(),
        group.trajectory(),
        reward,
        group.potential(),
        group.policyVersion(),
        group.criticVersion());
  }

  /** The mean is over the groups that are left: the bits of a step of these alone. */
  @Test
  void shouldTrainAsIfADroppedGroupWereNotThere() {
    try (PolicyUpdate dropping = learner(Action.DROP, 1);
        PolicyUpdate alone = learner(Action.KEEP, 1);
        PolicyUpdate keeping = learner(Action.KEEP, 1)) {
      List<ScoredGroup> groups = groups(dropping, 0);
      Map<String, Double> dropped = dropping.update(0, groups);
      alone.update(0, groups.subList(1, 2));
      Map<String, Double> kept = keeping.update(0, groups);

      assertEquals(alone.weights().contentHash(), dropping.weights().contentHash());
      assertEquals(1, dropped.get("policy/dropped-groups"));
      assertEquals(0.5, dropped.get("policy/zero-variance"));
      assertFalse(kept.containsKey("policy/dropped-groups"));
      assertNotEquals(dropped.get("policy/gradient-norm"), kept.get("policy/gradient-norm"));
      assertNotEquals(keeping.weights().contentHash(), dropping.weights().contentHash());
    }
  }

  @Test
  void shouldTakeNoUpdateOfWhichNoGroupIsLeft() {
    try (PolicyUpdate learner = learner(Action.DROP, 2);
        PolicyUpdate alone = learner(Action.DROP, 1)) {
      List<ScoredGroup> groups = groups(learner, 0);
      Map<String, Double> one = learner.update(0, groups);
      assertEquals(1, one.get("policy/updates"));
      alone.update(0, groups.subList(1, 2));
      assertEquals(alone.state().contentHash(), learner.state().contentHash());

      String before = learner.state().contentHash();
      Map<String, Double> none = learner.update(1, groups(learner, 0, 1));
      assertEquals(before, learner.state().contentHash());
      assertEquals(2, none.get("policy/dropped-groups"));
      assertEquals(1, none.get("policy/updates"));
      assertEquals(0, none.get("policy/gradient-norm"));
      assertFalse(none.containsKey("policy/loss"));
    }
  }

  @Test
  void shouldChangeNothingWhereNoGroupIsFlat() {
    try (PolicyUpdate dropping = learner(Action.DROP, 2);
        PolicyUpdate keeping = learner(Action.KEEP, 2)) {
      List<ScoredGroup> groups = groups(dropping);
      assertEquals(0, dropping.update(0, groups).get("policy/dropped-groups"));
      keeping.update(0, groups);
      assertEquals(keeping.state().contentHash(), dropping.state().contentHash());
    }
  }

  @Test
  void shouldRefuseWhatMakesNoSense() {
    String equal =
        assertThrows(IllegalArgumentException.class, () -> config(Weighting.RWR, Action.REPLACE, 1))
            .getMessage();
    assertTrue(equal.contains("flat-groups is replace, but advantage.weighting rwr"), equal);
    config(Weighting.RWR, Action.KEEP, 1);
    assertEquals(
        "flat-replacements is 0, must be at least 1",
        assertThrows(IllegalArgumentException.class, () -> new FlatGroups(Action.REPLACE, 0))
            .getMessage());
  }
}
