package io.atelier.tests.learner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.atelier.learner.advantage.Spread;
import io.atelier.learner.grpo.PolicyConfig;
import io.atelier.learner.grpo.PolicyUpdate;
import io.atelier.learner.loss.Clip;
import io.atelier.learner.loss.KlPenalty;
import io.atelier.learner.loss.LossConfig;
import io.atelier.learner.loss.Staleness;
import io.atelier.models.optim.AdamConfig;
import io.atelier.models.sd3.GradientCheckpointing;
import io.atelier.models.sd3.Mmdit;
import io.atelier.models.sd3.MmditConfig;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.sd3.WholeNetwork;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Torch;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.sampler.RolloutConfig;
import io.atelier.tests.golden.Golden;
import io.atelier.tests.rollout.TinyModel;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Weights of some modules of a transformer are trained. */
class ModuleTrainingTest {
  private static final WholeNetwork SOME = new WholeNetwork(List.of("attn.to_q", "ff.net.2"));
  private static final GroupNoise NOISE = new GroupNoise(79);
  private static final RolloutConfig ROLLOUT = TinyLearning.rollout(2);

  private NDManager scope;

  @BeforeEach
  void open() {
    scope = Torch.newScope();
  }

  @AfterEach
  void close() {
    scope.close();
    Torch.enter(false);
  }

  private static PipelineFolder folder() {
    return new PipelineFolder(Golden.path("sd35-tiny"));
  }

  private PolicyUpdate learner(GradientCheckpointing checkpointing) {
    LossConfig loss =
        new LossConfig(Clip.of(1e-5), KlPenalty.VELOCITY, 0.5, false, Staleness.NONE, 0);
    PolicyConfig config =
        TinyLearning.config(loss, Spread.BATCH, AdamConfig.adamW(1e-3), 1, 1, checkpointing);
    return new PolicyUpdate(
        scope, TinyModel.load(scope, SOME).denoiser(), SOME, ROLLOUT, config, NOISE);
  }

  /** The arrays of queries, keys and values are one, so that it is copied as a whole. */
  @Test
  void shouldShareWhatIsFrozenAndOwnWhatIsTrained() {
    Mmdit frozen = folder().loadTransformer(scope);
    Mmdit network = folder().loadTransformer(scope, SOME);
    for (String name : frozen.weights().arrays().keySet()) {
      if (name.matches(".*(attn\\.to_qkv|ff\\.net\\.2)\\.(weight|bias)")) {
        assertNotSame(frozen.weights().get(name), network.weights().get(name), name);
      } else {
        assertSame(frozen.weights().get(name), network.weights().get(name), name);
      }
    }
    assertEquals(frozen.weights().export().contentHash(), network.weights().export().contentHash());
  }

  @Test
  void shouldTrainTheseWeightsAloneAndGoOnWithTheSameBits() {
    Mmdit base = folder().loadTransformer(scope);
    String before = base.weights().export().contentHash();
    try (PolicyUpdate straight = learner(GradientCheckpointing.OFF);
        PolicyUpdate resumed = learner(GradientCheckpointing.ON)) {
      NamedTensors first = straight.weights();
      Set<String> names = SOME.shapes(base.config()).keySet();
      assertEquals(names, first.names());
      assertTrue(names.contains("transformer_blocks.0.attn.to_q.bias"), names::toString);
      straight.update(
          0, TinyLearning.groups(scope, SOME, ROLLOUT, NOISE, 0, straight.weights(), false));
      for (String name : names) {
        assertNotEquals(
            first.only(Set.of(name)).contentHash(),
            straight.weights().only(Set.of(name)).contentHash(),
            name);
      }
      NamedTensors saved = straight.state();
      var next = TinyLearning.groups(scope, SOME, ROLLOUT, NOISE, 1, straight.weights(), false);
      Map<String, Double> measured = straight.update(1, next);
      assertEquals(0, measured.get("policy/ratio-distance-max"));
      assertTrue(measured.get("policy/kl") > 0, measured::toString);
      resumed.restore(saved);
      assertEquals(measured, resumed.update(1, next));
      assertEquals(straight.state().contentHash(), resumed.state().contentHash());
    }
    assertEquals(before, base.weights().export().contentHash(), "frozen weights are shared");
  }

  @Test
  void shouldNameAModuleThatIsNotThere() {
    MmditConfig network = folder().transformerConfig();
    for (String end : List.of("to_x", "timestep_embedder.linear_1", "pos_embed.proj")) {
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> new WholeNetwork(List.of("attn.to_q", end)).shapes(network))
              .getMessage();
      assertTrue(message.startsWith("targets has \"" + end + "\", the end of no module"), message);
      assertTrue(message.contains("attn.norm_q, "), message);
    }
  }
}
