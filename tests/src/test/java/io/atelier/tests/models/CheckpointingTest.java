package io.atelier.tests.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.atelier.models.assets.EmbeddedModel;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.Differentiable;
import io.atelier.models.sd3.GradientCheckpointing;
import io.atelier.models.sd3.Mmdit;
import io.atelier.models.sd3.MmditAdapter;
import io.atelier.models.sd3.MmditConfig;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.sd3.Trained;
import io.atelier.models.sd3.TrainedPart;
import io.atelier.models.sd3.WholeNetwork;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.models.tensor.TrainedParameters;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.tests.golden.Golden;
import io.atelier.tests.rollout.TinyModel;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Gradient checkpointing gives the velocity and the gradients that the whole graph gives. */
class CheckpointingTest {

  private static final int TOKENS = 5;

  /** The last block asks nothing about the text. */
  private static final String FIRST = "transformer_blocks.0.";

  private NDManager scope;

  @BeforeEach
  void enter() {
    Torch.enter(true);
    scope = Torch.newScope();
  }

  @AfterEach
  void leave() {
    scope.close();
    Torch.enter(false);
  }

  private NDArray normals(int place, long... shape) {
    int size = (int) Arrays.stream(shape).reduce(1, Math::multiplyExact);
    GroupId id = new GroupId(0, place);
    return Host.toNative(
        scope, new GroupNoise(7).normals(Purpose.EVALUATION, id, 0, 1, size), shape);
  }

  private Differentiable run(Mmdit network, boolean checkpointed, int lastRepeats) {
    MmditConfig config = network.config();
    NDArray latents = normals(0, 4, config.channels(), 8, 4);
    NDArray times = scope.full(new Shape(2), 700, DataType.FLOAT32);
    NDArray context = normals(1, 2, TOKENS, config.jointDim());
    NDArray pooled = normals(2, 2, config.pooledDim());
    return checkpointed
        ? network.checkpointed(latents, times, context, lastRepeats, pooled)
        : Differentiable.of(network.forward(latents, times, context, lastRepeats, pooled));
  }

  @ParameterizedTest
  @CsvSource({
    "sd3-tiny, 1, attn.to_q attn.to_k attn.to_v attn.to_out.0 attn.add_q_proj attn.to_add_out",
    "sd35-tiny, 3, attn.to_q attn.to_k attn.to_v attn.to_out.0 attn.add_q_proj attn.to_add_out",
    "sd35-tiny, 1, transformer_blocks.1.attn.to_v",
    "sd3-tiny, 1, ff.net.0.proj ff.net.2 ff_context.net.0.proj ff_context.net.2",
    "sd35-tiny, 1, attn2.to_q attn2.to_out.0 norm1.linear norm1_context.linear attn.to_k",
    "sd35-tiny, 3, context_embedder norm_out.linear proj_out ff.net.2 norm1.linear",
    "sd35-tiny, 1, context_embedder",
    "sd35-tiny, 1, proj_out",
    "emoji64, 1, ff.net.0.proj ff.net.2 ff_context.net.0.proj ff_context.net.2 proj_out attn.to_v",
    "emoji64, 1, attn.to_q attn.to_k attn.to_v attn.to_out.0 attn.add_q_proj attn.to_add_out",
  })
  void shouldGiveTheSameBits(String model, int lastRepeats, String targets) {
    Mmdit network = folder(model).loadTransformer(scope);
    MmditAdapter adapter =
        new MmditAdapter(scope, network, new AdapterConfig(2, 4, List.of(targets.split(" "))));
    adapter.weights().load(TinyModel.noisy(adapter.weights().export(), 3, 0.1));
    adapter.weights().train();
    adapter.attach();
    assertSameBits(network, adapter.weights(), lastRepeats);
    adapter.attachMerged();
    assertSameBits(network, adapter.weights(), lastRepeats);
  }

  @ParameterizedTest
  @CsvSource({"sd3-tiny, 1", "sd35-tiny, 3", "sd35-tiny, 1", "emoji64, 1"})
  void shouldGiveTheSameBitsWhereAllWeightsAreTrained(String model, int lastRepeats) {
    Trained whole = new WholeNetwork();
    Mmdit network = folder(model).loadTransformer(scope, whole);
    TrainedParameters weights = new TrainedPart(scope, network, whole).weights();
    weights.train();
    assertSameBits(network, weights, lastRepeats);
  }

  @ParameterizedTest
  @CsvSource({
    "sd3-tiny, 1, attn.to_q attn.add_k_proj ff.net.2",
    "sd35-tiny, 3, attn.to_v attn.norm_q attn2.to_out.0 ff_context.net.2",
    "sd35-tiny, 1, context_embedder",
    "sd35-tiny, 1, proj_out norm_out.linear",
    "sd35-tiny, 3, norm1.linear norm1_context.linear",
    "sd35-tiny, 1, transformer_blocks.0.attn.norm_added_k",
    "sd35-tiny, 1, transformer_blocks.1.attn.to_k",
  })
  void shouldGiveTheSameBitsWhereSomeModulesAreTrained(
      String model, int lastRepeats, String modules) {
    Trained some = new WholeNetwork(List.of(modules.split(" ")));
    Mmdit network = folder(model).loadTransformer(scope, some);
    TrainedParameters weights = new TrainedPart(scope, network, some).weights();
    weights.train();
    assertSameBits(network, weights, lastRepeats);
    NamedTensors own = weights.gradients();
    Trained all = new WholeNetwork();
    Mmdit whole = folder(model).loadTransformer(scope, all);
    TrainedParameters every = new TrainedPart(scope, whole, all).weights();
    every.train();
    assertSameBits(whole, every, lastRepeats);
    assertEquals(some.shapes(network.config()).keySet(), own.names());
    assertEquals(every.gradients().only(own.names()).contentHash(), own.contentHash());
  }

  private static PipelineFolder folder(String model) {
    return new PipelineFolder(
        model.equals(EmbeddedModel.EMOJI64) ? EmbeddedModel.emoji64() : Golden.path(model));
  }

  private void assertSameBits(Mmdit network, TrainedParameters weights, int lastRepeats) {
    NamedTensors[] gradients = new NamedTensors[2];
    float[][] velocities = new float[2][];
    for (int i = 0; i < 2; i++) {
      weights.clearGradients();
      Differentiable pass = run(network, i == 1, lastRepeats);
      velocities[i] = Host.floats(pass.velocity());
      pass.backward(normals(3, pass.velocity().getShape().getShape()));
      gradients[i] = weights.gradients();
    }
    assertArrayEquals(velocities[0], velocities[1]);
    gradients[0]
        .asMap()
        .forEach(
            (name, one) -> assertArrayEquals(one.values(), gradients[1].get(name).values(), name));
    gradients[0]
        .asMap()
        .forEach(
            (name, gradient) -> {
              float largest = 0;
              for (float value : gradient.values()) {
                largest = Math.max(largest, Math.abs(value));
              }
              boolean last =
                  name.matches(".*\\.(add_q_proj|norm_added_q)\\..*") && !name.startsWith(FIRST);
              assertTrue(largest > 0 || last, name + " got no gradient");
            });
  }

  @Test
  void shouldBeUsedWhereThereIsMuchToKeep() {
    assertTrue(GradientCheckpointing.ON.applies(1));
    assertFalse(GradientCheckpointing.OFF.applies(Long.MAX_VALUE));
    assertFalse(GradientCheckpointing.AUTO.applies(GradientCheckpointing.LIMIT));
    assertTrue(GradientCheckpointing.AUTO.applies(GradientCheckpointing.LIMIT + 1));
  }
}
