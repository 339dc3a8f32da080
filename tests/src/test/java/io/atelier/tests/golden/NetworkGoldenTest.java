package io.atelier.tests.golden;

import static io.atelier.tests.golden.Golden.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.sd3.ClipTextEncoder;
import io.atelier.models.sd3.Mmdit;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.sd3.Vae;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.TorchOps;
import io.atelier.rollout.sampler.Conditions;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The networks against the numbers that diffusers and transformers gave for the same weights. */
@Tag("golden")
class NetworkGoldenTest extends GoldenScope {

  private static final double ONE_PASS = 5e-5;

  @ParameterizedTest
  @ValueSource(strings = {"sd3-tiny", "sd35-tiny"})
  void shouldPredictTheVelocityOfDiffusers(String model) {
    Mmdit network = folder(model).loadTransformer(scope);
    SafetensorsFile golden = Golden.tensors(model, "expected", "transformer.safetensors");
    NDArray context = load(golden, "encoder_hidden_states");
    NDArray pooled = load(golden, "pooled_projections");
    for (String shape : List.of("square", "oblong")) {
      NDArray latents = load(golden, shape + ".hidden_states");
      assertClose(
          shape + ".patches",
          golden.floats(shape + ".patches"),
          network.embedPatches(latents).toFloatArray(),
          ONE_PASS);
      for (String time : List.of("t0", "t1", "t2", "mixed")) {
        String name = shape + "." + time + ".output";
        if (golden.contains(name)) {
          NDArray velocity =
              network.forward(latents, load(golden, "timestep." + time), context, pooled);
          assertClose(name, golden.floats(name), velocity.toFloatArray(), ONE_PASS);
        }
      }
    }
    assertClose(
        "temb",
        golden.floats("timestep.mixed.temb"),
        network.embedCondition(load(golden, "timestep.mixed"), pooled).toFloatArray(),
        ONE_PASS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sd3-tiny", "sd35-tiny"})
  void shouldGiveTheSameVelocityWhenLatentsShareARowOfConditions(String model) {
    Mmdit network = folder(model).loadTransformer(scope);
    SafetensorsFile golden = Golden.tensors(model, "expected", "transformer.safetensors");
    NDArray latents = load(golden, "square.hidden_states");
    NDArray context = load(golden, "encoder_hidden_states");
    NDArray pooled = load(golden, "pooled_projections");
    NDArray time = load(golden, "timestep.mixed");
    NDArray shared = network.forward(latents.repeat(0, 3), time, context, pooled);
    NDArray single =
        network.forward(
            latents.repeat(0, 3), time.repeat(0, 3), context.repeat(0, 3), pooled.repeat(0, 3));
    assertClose("shared rows", single.toFloatArray(), shared.toFloatArray(), 1e-5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sd3-tiny", "sd35-tiny"})
  void shouldGiveTheSameVelocityWhenEqualTokensAreComputedOnce(String model) {
    Mmdit network = folder(model).loadTransformer(scope);
    SafetensorsFile golden = Golden.tensors(model, "expected", "transformer.safetensors");
    NDArray latents = load(golden, "square.hidden_states");
    NDArray text = load(golden, "encoder_hidden_states");
    NDArray padded = text.concat(scope.zeros(text.getShape()), 1);
    NDArray pooled = load(golden, "pooled_projections");
    NDArray time = load(golden, "timestep.mixed");
    Conditions once = Conditions.of((int) latents.getShape().get(0), padded, pooled);
    assertEquals(text.getShape().get(1), once.lastRepeats());
    assertEquals(text.getShape().get(1) + 1, once.context().getShape().get(1));
    assertClose(
        "velocity",
        network.forward(latents, time, padded, pooled).toFloatArray(),
        network.forward(latents, time, once.context(), once.lastRepeats(), pooled).toFloatArray(),
        1e-5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sd3-tiny", "sd35-tiny"})
  void shouldEncodeAndDecodeAsDiffusers(String model) {
    Vae vae = folder(model).loadVae(scope);
    SafetensorsFile golden = Golden.tensors(model, "expected", "vae.safetensors");
    var bytes = golden.bytes("encode.image_u8");
    float[] image = new float[bytes.remaining()];
    for (int i = 0; i < image.length; i++) {
      image[i] = (bytes.get(i) & 255) / 127.5f - 1;
    }
    NDArray pixels = Host.toNative(scope, image, golden.info("encode.image_u8").shape());
    NDArray moments = vae.moments(pixels);
    int channels = vae.config().latentChannels();
    float[] mean = TorchOps.slice(moments, 1, 0, channels).toFloatArray();
    float[] logVariance = TorchOps.slice(moments, 1, channels, 2L * channels).toFloatArray();
    assertClose("mean", golden.floats("encode.mean"), mean, ONE_PASS);
    assertClose("logvar", golden.floats("encode.logvar"), logVariance, ONE_PASS);
    assertClose(
        "decoded",
        golden.floats("decode.raw"),
        vae.decode(load(golden, "decode.latents")).toFloatArray(),
        ONE_PASS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sd3-tiny", "sd35-tiny"})
  void shouldEncodeTextAsTransformers(String model) {
    SafetensorsFile golden = Golden.tensors(model, "expected", "text.safetensors");
    for (String[] pair :
        new String[][] {{"text_encoder", "clip_l"}, {"text_encoder_2", "clip_g"}}) {
      ClipTextEncoder encoder = folder(model).loadClip(scope, pair[0]);
      long[] flat = golden.longs(pair[1] + ".input_ids");
      int rows = (int) golden.info(pair[1] + ".input_ids").shape()[0];
      long[][] ids = new long[rows][];
      for (int i = 0; i < rows; i++) {
        ids[i] =
            java.util.Arrays.copyOfRange(
                flat, i * flat.length / rows, (i + 1) * flat.length / rows);
      }
      ClipTextEncoder.Output out = encoder.encode(scope, ids);
      String name = pair[1];
      assertClose(name, golden.floats(name + ".hidden"), out.hidden().toFloatArray(), ONE_PASS);
      assertClose(name, golden.floats(name + ".pooled"), out.pooled().toFloatArray(), ONE_PASS);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sd3-tiny", "sd35-tiny"})
  void shouldCountTheParametersOfDiffusers(String model) {
    JsonNode counts = Golden.json(model, "expected", "case.json").get("parameters");
    assertEquals(
        counts.get("transformer").asLong(), folder(model).transformerConfig().parameters());
  }

  private static PipelineFolder folder(String model) {
    return new PipelineFolder(Golden.path(model));
  }
}
