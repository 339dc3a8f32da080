package io.atelier.tests.learner;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDManager;
import io.atelier.learner.ScoredGroup;
import io.atelier.learner.advantage.AdvantageConfig;
import io.atelier.learner.advantage.Spread;
import io.atelier.learner.advantage.Weighting;
import io.atelier.learner.grpo.FlatGroups;
import io.atelier.learner.grpo.PolicyConfig;
import io.atelier.learner.loss.LossConfig;
import io.atelier.models.optim.AdamConfig;
import io.atelier.models.sd3.GradientCheckpointing;
import io.atelier.models.sd3.Trained;
import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.Trajectory;
import io.atelier.rollout.flow.StepKind;
import io.atelier.rollout.flow.TrainedWindow;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.rollout.sampler.GroupSampler;
import io.atelier.rollout.sampler.LatentType;
import io.atelier.rollout.sampler.RolloutConfig;
import io.atelier.tests.rollout.TinyModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What tests of the learner have in common: two groups of the small model in a step. */
final class TinyLearning {
  static final int SAMPLES = 4;

  private TinyLearning() {}

  static RolloutConfig rollout(int chunk) {
    return rollout(StepKind.CPS, chunk, 4.5, false, false, LatentType.FLOAT32);
  }

  static RolloutConfig rollout(
      StepKind kind,
      int chunk,
      double guidance,
      boolean shared,
      boolean merge,
      LatentType latents) {
    TrainedWindow window = new TrainedWindow(2, shared ? 1 : 0, shared ? 3 : 2);
    return new RolloutConfig(
        SAMPLES, chunk, 32, 32, 4, guidance, kind, 0.8, window, shared, merge, 16, 8, latents);
  }

  static PolicyConfig config(LossConfig loss, Spread spread, int updates) {
    return config(loss, spread, AdamConfig.adamW(1e-2), 1, updates, GradientCheckpointing.AUTO);
  }

  static PolicyConfig config(
      LossConfig loss,
      Spread spread,
      AdamConfig adam,
      double normLimit,
      int updates,
      GradientCheckpointing checkpointing) {
    return new PolicyConfig(
        AdvantageConfig.of(Weighting.GRPO, spread, 5),
        loss,
        Optional.empty(),
        adam,
        normLimit,
        0.9,
        1,
        updates,
        0,
        0,
        FlatGroups.KEEP,
        checkpointing);
  }

  /**
   * Two groups of the policy, with rewards drawn by group.
   *
   * @param means whether trajectories keep the means of their steps
   */
  static List<ScoredGroup> groups(
      NDManager scope,
      Trained trained,
      RolloutConfig rollout,
      GroupNoise noise,
      int step,
      NamedTensors policy,
      boolean means) {
    List<ScoredGroup> groups = new ArrayList<>();
    try (GroupSampler sampler =
        new GroupSampler(
            scope, TinyModel.load(scope, trained), trained, rollout, noise, means, false)) {
      assertEquals(policy.contentHash(), sampler.load(policy).hash());
      for (int slot = 0; slot < 2; slot++) {
        GroupId id = new GroupId(step, slot);
        Prompt prompt = new Prompt(slot, "prompt " + slot);
        float[] reward = noise.stream(Purpose.CRITIC_SCORE, id).normals(SAMPLES);
        Trajectory trajectory = sampler.sample(id, prompt).trajectory();
        groups.add(new ScoredGroup(id, prompt, trajectory, reward, new float[0][], step, step));
      }
    }
    return groups;
  }
}
