package io.atelier.tests.golden;

import static io.atelier.tests.golden.Golden.assertCloseRelative;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.Differentiable;
import io.atelier.models.sd3.Mmdit;
import io.atelier.models.sd3.MmditAdapter;
import io.atelier.models.sd3.ModelTypes;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.ComputeType;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.StorageType;
import io.atelier.models.tensor.Torch;
import io.atelier.tests.rollout.TinyModel;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A velocity network that computes in bfloat16 stays within the rounding of that type. */
@Tag("golden")
class ComputeTypeTest extends GoldenScope {

  /** In units of the largest element: a few roundings of 1/256 each. */
  private static final double TOLERANCE = 2e-2;

  private Mmdit network(String model, ComputeType compute) {
    return new PipelineFolder(Golden.path(model))
        .as(new ModelTypes(StorageType.STORED, StorageType.STORED, compute))
        .loadTransformer(scope);
  }

  private Differentiable pass(Mmdit network, String model, boolean checkpointed) {
    SafetensorsFile golden = Golden.tensors(model, "expected", "transformer.safetensors");
    NDArray latents = load(golden, "square.hidden_states");
    NDArray times = load(golden, "timestep.mixed");
    NDArray context = load(golden, "encoder_hidden_states");
    NDArray pooled = load(golden, "pooled_projections");
    return checkpointed
        ? network.checkpointed(latents, times, context, 1, pooled)
        : Differentiable.of(network.forward(latents, times, context, pooled));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sd3-tiny", "sd35-tiny"})
  void shouldPredictTheVelocityUpToRounding(String model) {
    SafetensorsFile golden = Golden.tensors(model, "expected", "transformer.safetensors");
    float[] expected = golden.floats("square.mixed.output");
    float[] rounded =
        Host.floats(pass(network(model, ComputeType.BFLOAT16), model, false).velocity());
    assertCloseRelative("velocity", expected, rounded, TOLERANCE);
    float[] exact = Host.floats(pass(network(model, ComputeType.FLOAT32), model, false).velocity());
    assertFalse(Arrays.equals(exact, rounded), "it did compute in another type");
  }

  @Test
  void shouldWeighARepeatedTokenAsInFloat32() {
    SafetensorsFile golden = Golden.tensors("sd35-tiny", "expected", "transformer.safetensors");
    float[][] velocities = new float[2][];
    for (ComputeType compute : ComputeType.values()) {
      velocities[compute.ordinal()] =
          Host.floats(
              network("sd35-tiny", compute)
                  .forward(
                      load(golden, "square.hidden_states"),
                      load(golden, "timestep.mixed"),
                      load(golden, "encoder_hidden_states"),
                      5,
                      load(golden, "pooled_projections")));
    }
    assertCloseRelative("velocity", velocities[0], velocities[1], TOLERANCE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sd3-tiny", "sd35-tiny"})
  void shouldGiveTheSameGradientsWithCheckpointingAndNearlyThoseOfFloat32(String model) {
    AdapterConfig config =
        new AdapterConfig(4, 8, List.of("to_q", "to_k", "to_v", "to_out.0", "ff.net.2"));
    Map<ComputeType, NamedTensors> whole = new EnumMap<>(ComputeType.class);
    for (ComputeType compute : ComputeType.values()) {
      Mmdit network = network(model, compute);
      MmditAdapter adapter = new MmditAdapter(scope, network, config);
      adapter.weights().load(TinyModel.noisy(adapter.weights().export(), 3, 0.1));
      adapter.weights().train();
      adapter.attach();
      Torch.enter(true);
      NamedTensors[] gradients = new NamedTensors[2];
      float[][] velocities = new float[2][];
      for (int i = 0; i < 2; i++) {
        adapter.weights().clearGradients();
        Differentiable pass = pass(network, model, i == 1);
        velocities[i] = Host.floats(pass.velocity());
        pass.backward(scope.ones(pass.velocity().getShape()));
        gradients[i] = adapter.weights().gradients();
      }
      assertArrayEquals(velocities[0], velocities[1]);
      assertEquals(gradients[0].contentHash(), gradients[1].contentHash());
      whole.put(compute, gradients[0]);
      adapter.detach();
      Torch.enter(false);
    }
    whole
        .get(ComputeType.FLOAT32)
        .asMap()
        .forEach(
            (name, exact) -> {
              float[] rounded = whole.get(ComputeType.BFLOAT16).get(name).values();
              double error = 0;
              double size = 0;
              for (int i = 0; i < rounded.length; i++) {
                error += Math.pow(rounded[i] - exact.values()[i], 2);
                size += Math.pow(exact.values()[i], 2);
              }
              double share = Math.sqrt(error / size);
              assertTrue(share < 0.06, name + " is off by " + share);
            });
  }
}
