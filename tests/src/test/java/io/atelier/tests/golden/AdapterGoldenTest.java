package io.atelier.tests.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.models.lora.LoraFile;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.sd3.AdapterConfig;
import io.atelier.models.sd3.Mmdit;
import io.atelier.models.sd3.MmditAdapter;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("golden")
class AdapterGoldenTest {
  private static final double NETWORK = 5e-5;

  private final JsonNode config = Golden.json("lora", "case.json");
  private final SafetensorsFile expected = Golden.tensors("lora", "expected.safetensors");
  private final NamedTensors weights =
      LoraFile.read(Golden.path("lora", "peft"), Golden.maps("sd35-tiny")).tensors();

  @Test
  void shouldGiveTheReferencesOutputsAttachedMergedAndDetached() {
    try (NDManager scope = Torch.newScope()) {
      Mmdit network = new PipelineFolder(Golden.path("sd35-tiny")).loadTransformer(scope);
      MmditAdapter adapter = adapter(scope, network, config.get("alpha").asDouble());
      Golden.assertClose("base", expected.floats("base"), output(scope, network), NETWORK);
      adapter.attach();
      float[] attached = output(scope, network);
      Golden.assertClose("scaled", expected.floats("scaled"), attached, NETWORK);
      adapter.merge();
      Golden.assertClose("merged", expected.floats("merged"), output(scope, network), NETWORK);
      adapter.attach();
      assertArrayEquals(attached, output(scope, network));
      adapter.detach();
      Golden.assertClose("base", expected.floats("base"), output(scope, network), NETWORK);
    }
  }

  @Test
  void shouldTakeAlphaAsTheRankWhereAFileHasNone() {
    try (NDManager scope = Torch.newScope()) {
      Mmdit network = new PipelineFolder(Golden.path("sd35-tiny")).loadTransformer(scope);
      adapter(scope, network, config.get("rank").asDouble()).attach();
      Golden.assertClose("unscaled", expected.floats("unscaled"), output(scope, network), NETWORK);
    }
  }

  @Test
  void shouldHoldTheBitsThatWereLoaded() {
    try (NDManager scope = Torch.newScope()) {
      Mmdit network = new PipelineFolder(Golden.path("sd35-tiny")).loadTransformer(scope);
      MmditAdapter adapter = adapter(scope, network, 1);

      assertEquals(weights.contentHash(), adapter.weights().export().contentHash());
      assertEquals(config.get("modules").asInt() * 2, adapter.weights().shapes().size());
      assertEquals(config.get("parameters").asLong(), adapter.weights().export().elements());
    }
  }

  private MmditAdapter adapter(NDManager scope, Mmdit network, double alpha) {
    int rank = config.get("rank").asInt();
    MmditAdapter adapter = new MmditAdapter(scope, network, AdapterConfig.of(rank, alpha));
    adapter.weights().load(weights);
    return adapter;
  }

  private float[] output(NDManager parent, Mmdit network) {
    return Torch.withGradients(
        false,
        () -> {
          try (NDManager scope = parent.newSubManager()) {
            return Host.floats(
                network.forward(
                    input(scope, "hidden_states"),
                    input(scope, "timestep"),
                    input(scope, "encoder_hidden_states"),
                    input(scope, "pooled_projections")));
          }
        });
  }

  private NDArray input(NDManager scope, String name) {
    return Host.toNative(scope, expected.floats(name), expected.info(name).shape());
  }
}
