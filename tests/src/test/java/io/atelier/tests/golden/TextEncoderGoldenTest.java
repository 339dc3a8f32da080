package io.atelier.tests.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.sd3.PromptEncoder;
import io.atelier.models.sd3.T5Encoder;
import io.atelier.models.tensor.Host;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** T5, and the features that the pipeline of diffusers puts together from all text encoders. */
@Tag("golden")
class TextEncoderGoldenTest extends GoldenScope {

  private static final double BOUND = 5e-5;

  private static final JsonMapper JSON = new JsonMapper();

  @TempDir Path temporary;

  private static void assertClose(SafetensorsFile golden, String name, NDArray actual) {
    assertArrayEquals(golden.info(name).shape(), actual.getShape().getShape(), name);
    Golden.assertClose(name, golden.floats(name), Host.floats(actual), BOUND);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sd3-tiny", "sd35-tiny"})
  void shouldGiveTheFeaturesOfT5(String model) {
    SafetensorsFile golden = Golden.tensors(model, "expected", "text.safetensors");
    T5Encoder encoder = new PipelineFolder(Golden.path(model)).loadT5(scope);
    int tokens = (int) golden.info("t5.input_ids").shape()[1];
    long[] all = golden.longs("t5.input_ids");
    long[][] ids = new long[all.length / tokens][];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = Arrays.copyOfRange(all, i * tokens, (i + 1) * tokens);
    }
    assertClose(golden, "t5.position_bias", encoder.positionBias(scope, tokens));
    assertClose(golden, "t5.hidden", encoder.encode(scope, ids));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sd3-tiny", "sd35-tiny"})
  void shouldPutPromptsTogetherLikeThePipeline(String model) {
    SafetensorsFile golden = Golden.tensors(model, "expected", "text.safetensors");
    JsonNode example = Golden.json(model, "expected", "case.json");
    PipelineFolder folder = new PipelineFolder(Golden.path(model));
    try (PromptEncoder encoder = folder.loadPromptEncoder(scope)) {
      PromptEncoder.Output output =
          encoder.encode(scope, prompts(example), example.get("text_length").intValue());
      assertClose(golden, "prompt_embeds", output.features());
      assertClose(golden, "pooled", output.pooled());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sd3-tiny", "sd35-tiny"})
  void shouldGiveZerosWhereT5IsAbsent(String model) throws IOException {
    SafetensorsFile golden = Golden.tensors(model, "expected", "text.safetensors");
    List<String> prompts = prompts(Golden.json(model, "expected", "case.json"));
    PipelineFolder folder = withoutT5(Golden.path(model));
    int jointDim = folder.transformerConfig().jointDim();
    try (PromptEncoder encoder = folder.loadPromptEncoder(scope)) {
      PromptEncoder.Output output = encoder.encode(scope, prompts, 1);
      assertClose(golden, "pooled", output.pooled());
      float[] features = Host.floats(output.features());
      int clip = encoder.clipLength() * jointDim;
      assertEquals(2 * clip * prompts.size(), features.length);
      float[] expected = golden.floats("prompt_embeds");
      int stride = expected.length / prompts.size();
      for (int i = 0; i < prompts.size(); i++) {
        int from = 2 * i * clip;
        float[] text = Arrays.copyOfRange(expected, i * stride, i * stride + clip);
        Golden.assertClose(
            "features of CLIP", text, Arrays.copyOfRange(features, from, from + clip), BOUND);
        float[] rest = Arrays.copyOfRange(features, from + clip, from + 2 * clip);
        assertArrayEquals(new float[clip], rest, "zeros for T5");
      }
    }
  }

  private static List<String> prompts(JsonNode example) {
    return StreamSupport.stream(example.get("text_prompts").spliterator(), false)
        .map(JsonNode::textValue)
        .toList();
  }

  private PipelineFolder withoutT5(Path original) throws IOException {
    try (Stream<Path> all = Files.walk(original)) {
      for (Path path : all.filter(Files::isRegularFile).toList()) {
        Path relative = original.relativize(path);
        if (!relative.startsWith("text_encoder_3") && !relative.startsWith("tokenizer_3")) {
          Files.createDirectories(temporary.resolve(relative).getParent());
          Files.copy(path, temporary.resolve(relative));
        }
      }
    }
    Path index = temporary.resolve("model_index.json");
    ObjectNode parts = (ObjectNode) JSON.readTree(index.toFile());
    for (String part : List.of("text_encoder_3", "tokenizer_3")) {
      parts.putArray(part).addNull().addNull();
    }
    JSON.writeValue(index.toFile(), parts);
    return new PipelineFolder(temporary);
  }
}
