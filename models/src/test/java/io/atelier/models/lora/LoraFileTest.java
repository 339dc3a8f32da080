package io.atelier.models.lora;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atelier.models.lora.LoraWeights.Pair;
import io.atelier.models.safetensors.DType;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.safetensors.SafetensorsWriter;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoraFileTest {

  private static final String MODULE = "transformer_blocks.0.attn.to_q";

  private static final Map<String, long[]> MAPS =
      Map.of(MODULE, new long[] {1, 3}, "m", new long[] {5, 3});

  @TempDir Path folder;

  private final LoraWeights adapter =
      new LoraWeights(
          2,
          3,
          new TreeMap<>(
              Map.of(
                  MODULE,
                  new Pair(
                      new Tensor(new long[] {2, 3}, new float[] {1, 2, 3, 4, 5, 6}),
                      new Tensor(new long[] {1, 2}, new float[] {10, -20})))));

  @ParameterizedTest
  @EnumSource(
      value = LoraLayout.class,
      names = {"PEFT", "DIFFUSERS_METADATA"})
  void shouldReadBackWhatWasWritten(LoraLayout layout) {
    LoraFile.write(folder, adapter, layout, DType.F32, Map.of());
    LoraWeights read = LoraFile.read(folder, MAPS);
    assertEquals(2, read.rank());
    assertEquals(3, read.alpha());
    assertEquals(1.5, read.scale());
    assertEquals(adapter.tensors().contentHash(), read.tensors().contentHash());
  }

  @ParameterizedTest
  @CsvSource({"6, 10", "3, 5", "7, 2.5", "10, 7", "4, 8", "24, 0.1"})
  void shouldFoldAsATensorTimesANumberIsRounded(int rank, double alpha) {
    float[] b = new float[rank * 400];
    SplittableRandom random = new SplittableRandom(rank);
    for (int i = 0; i < b.length; i++) {
      b[i] = (float) random.nextDouble(-1, 1);
    }
    Pair pair =
        new Pair(
            new Tensor(new long[] {rank, 1}, new float[rank]),
            new Tensor(new long[] {400, rank}, b));
    LoraWeights folded = new LoraWeights(rank, alpha, new TreeMap<>(Map.of(MODULE, pair))).folded();
    try (NDManager scope = Torch.newScope()) {
      float[] expected = Host.floats(Host.toNative(scope, b, 400, rank).mul(alpha / rank));
      assertArrayEquals(expected, folded.modules().get(MODULE).b().values(), 0f);
    }
    assertEquals(1, folded.scale());
  }

  @Test
  void shouldFoldTheScaleIntoBWhereReadersAssumeNone() {
    LoraFile.write(folder, adapter, LoraLayout.DIFFUSERS, DType.F32, Map.of());
    LoraWeights read = LoraFile.read(folder.resolve("pytorch_lora_weights.safetensors"), MAPS);
    assertEquals(1, read.scale());
    assertArrayEquals(new float[] {15, -30}, read.modules().get(MODULE).b().values());
    assertArrayEquals(
        adapter.modules().get(MODULE).a().values(), read.modules().get(MODULE).a().values());
  }

  @Test
  void shouldWriteTheKeysThatPeftAndDiffusersLookFor() throws IOException {
    ObjectMapper json = new ObjectMapper();
    LoraFile.write(folder, adapter, LoraLayout.PEFT, DType.F32, Map.of());
    JsonNode config = json.readTree(folder.resolve("adapter_config.json").toFile());
    assertEquals("LORA", config.get("peft_type").textValue());
    assertEquals(2, config.get("r").intValue());
    assertTrue(config.get("lora_alpha").isInt());
    assertEquals(MODULE, config.get("target_modules").get(0).textValue());
    assertEquals(
        List.of(
            "base_model.model." + MODULE + ".lora_A.weight",
            "base_model.model." + MODULE + ".lora_B.weight"),
        List.copyOf(SafetensorsFile.open(folder.resolve("adapter_model.safetensors")).names()));

    Path diffusers = folder.resolve("diffusers");
    LoraFile.write(diffusers, adapter, LoraLayout.DIFFUSERS_METADATA, DType.F32, Map.of());
    SafetensorsFile file =
        SafetensorsFile.open(diffusers.resolve("pytorch_lora_weights.safetensors"));
    assertTrue(file.contains("transformer." + MODULE + ".lora_A.weight"));
    JsonNode metadata = json.readTree(file.metadata().get("lora_adapter_metadata"));
    assertEquals(2, metadata.get("transformer.r").intValue());
    assertEquals(3, metadata.get("transformer.lora_alpha").intValue());
    assertTrue(metadata.get("transformer.rank_pattern").isObject());
  }

  @Test
  void shouldNameFileAndKeyOfWhatItCannotRead() throws IOException {
    Path file = folder.resolve("pytorch_lora_weights.safetensors");
    fails(Map.of("transformer.m.lora_A.weight", new long[] {2, 3}), "m.lora_A.weight", "partner");
    fails(Map.of("transformer.m.lora.down.weight", new long[] {2, 3}), "m.lora.down.weight");
    fails(Map.of("text_encoder.m.lora_A.weight", new long[] {2, 3}), "text_encoder.m.lora_A");
    fails(Map.of("transformer.m.lora_A.weight", new long[] {2}), "m.lora_A.weight", "dimensions");
    fails(
        Map.of(
            "transformer.m.lora_A.weight", new long[] {2, 3},
            "transformer.m.lora_B.weight", new long[] {5, 3}),
        "m.lora_B.weight",
        "[5, 3]",
        "rank 2");
    fails(Map.of(), "no tensor");
    Files.delete(file);
    message(folder, folder.toString(), "neither");

    LoraFile.write(folder, adapter, LoraLayout.PEFT, DType.F32, Map.of());
    Path configFile = folder.resolve("adapter_config.json");
    String config = Files.readString(configFile);
    String[][] changes = {
      {"\"r\" : 2", "\"r\" : 3", "rank 3"},
      {"\"r\" : 2", "\"q\" : 2", "\"r\""},
      {"\"rank_pattern\" : { }", "\"rank_pattern\" : {\"m\": 3}", "rank_pattern"},
      {"\"use_rslora\" : false", "\"use_rslora\" : true", "use_rslora"},
      {"\"bias\" : \"none\"", "\"bias\" : \"all\"", "bias"},
      {"{", "[", "cannot be read"}
    };
    for (String[] change : changes) {
      String changed = config.replace(change[0], change[1]);
      assertTrue(!changed.equals(config), change[0]);
      Files.writeString(configFile, changed);
      message(folder, "adapter_model.safetensors", change[2]);
    }
    Files.delete(configFile);
    message(folder, "adapter_config.json", "does not exist");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"init_lora_weights\": \"pissa\"",
        "\"init_lora_weights\": \"pissa_niter_16\"",
        "\"init_lora_weights\": \"olora\"",
        "\"init_lora_weights\": \"corda\"",
        "\"init_lora_weights\": \"eva\"",
        "\"init_lora_weights\": \"loftq\"",
        "\"loftq_config\": {\"loftq_bits\": 4}",
        "\"modules_to_save\": [\"proj_out\"]",
        "\"use_dora\": true",
        "\"lora_bias\": true",
        "\"layer_replication\": [[0, 4]]",
        "\"trainable_token_indices\": [3]",
        "\"bias\": \"lora_only\"",
        "\"peft_type\": \"LOHA\"",
        "\"sharpness\": 2"
      })
  void shouldRefuseByNameWhatComputesSomethingElse(String entry) throws IOException {
    LoraFile.write(folder, adapter, LoraLayout.PEFT, DType.F32, Map.of());
    Path file = folder.resolve("adapter_config.json");
    ObjectMapper json = new ObjectMapper();
    ObjectNode config = (ObjectNode) json.readTree(file.toFile());
    JsonNode change = json.readTree("{" + entry + "}");
    config.setAll((ObjectNode) change);
    json.writeValue(file.toFile(), config);
    String key = change.fieldNames().next();
    message(folder, file.toString(), "\"" + key + "\": " + change.get(key));

    ObjectNode metadata = json.createObjectNode();
    config.properties().forEach(e -> metadata.set("transformer." + e.getKey(), e.getValue()));
    Path diffusers = folder.resolve("metadata.safetensors");
    diffusers(diffusers, json.writeValueAsString(metadata));
    message(diffusers, "transformer." + key);
  }

  @Test
  void shouldPassKeysThatChangeNothing() throws IOException {
    LoraFile.write(folder, adapter, LoraLayout.PEFT, DType.F32, Map.of());
    Path file = folder.resolve("adapter_config.json");
    ObjectMapper json = new ObjectMapper();
    ObjectNode config = (ObjectNode) json.readTree(file.toFile());
    config.put("init_lora_weights", "gaussian").put("peft_version", "0.18.0");
    config.put("lora_dropout", 0.1).put("revision", "main").put("megatron_core", "megatron.core");
    config.putObject("loftq_config");
    config.putNull("use_dora").putNull("rank_pattern").put("use_later_idea", false);
    config.putArray("layers_to_transform").add(0);
    config.putObject("auto_mapping").put("base_model_class", "SD3Transformer2DModel");
    json.writeValue(file.toFile(), config);
    assertEquals(
        adapter.tensors().contentHash(), LoraFile.read(folder, MAPS).tensors().contentHash());
  }

  @Test
  void shouldRefuseAFolderOfTwoAdapters() throws IOException {
    LoraFile.write(folder, adapter, LoraLayout.PEFT, DType.F32, Map.of());
    Path weights = folder.resolve("adapter_model.safetensors");
    byte[] before = Files.readAllBytes(weights);
    assertTrue(LoraFile.isIn(folder) && !LoraFile.isIn(folder.resolve("none")));
    for (LoraLayout other : List.of(LoraLayout.DIFFUSERS, LoraLayout.DIFFUSERS_METADATA)) {
      String message =
          assertThrows(
                  LoraException.class,
                  () -> LoraFile.write(folder, adapter, other, DType.F32, Map.of()))
              .getMessage();
      assertTrue(message.contains("adapter_model.safetensors"), message);
    }
    assertArrayEquals(before, Files.readAllBytes(weights));
    diffusers(folder.resolve("pytorch_lora_weights.safetensors"), null);
    message(folder, "two adapters", "adapter_model.safetensors", "pytorch_lora_weights");
    assertEquals(2, LoraFile.read(weights, MAPS).rank(), "a file is not ambiguous");
    assertThrows(
        LoraException.class,
        () -> LoraFile.write(folder, adapter, LoraLayout.PEFT, DType.F32, Map.of()),
        "stays");
    Files.delete(weights);
    diffusers(weights, null);
    message(weights, "adapter_config.json beside it is PEFT's");
    Files.delete(weights);
    assertThrows(
        LoraException.class,
        () -> LoraFile.write(folder, adapter, LoraLayout.DIFFUSERS, DType.F32, Map.of()),
        "the configuration of the other layout stays");
    Files.delete(folder.resolve("adapter_config.json"));
    LoraFile.write(folder, adapter, LoraLayout.DIFFUSERS_METADATA, DType.F32, Map.of());
    LoraFile.write(folder, adapter, LoraLayout.DIFFUSERS, DType.F32, Map.of());
    assertEquals(1, LoraFile.read(folder, MAPS).scale(), "of the same name: replaced");
  }

  @Test
  void shouldSayWhatLiesInThePlaceOfAnAdapter() throws IOException {
    Path file = folder.resolve("adapter_model.safetensors");
    Map<String, String> contents =
        Map.of(
            "version https://git-lfs.github.com/spec/v1\nsize 1\n",
            "Git LFS pointer",
            "<!DOCTYPE html><html></html>",
            "web page",
            "PK\u0003\u0004" + "x".repeat(40),
            "pickle",
            "",
            "empty");
    for (Map.Entry<String, String> content : contents.entrySet()) {
      Files.writeString(file, content.getKey());
      String message =
          assertThrows(RuntimeException.class, () -> LoraFile.read(folder, MAPS)).getMessage();
      assertTrue(message.contains(file.toString()), message);
      assertTrue(message.contains(content.getValue()), message);
    }
    Files.move(file, folder.resolve("adapter_model.bin"));
    message(folder, "only adapter_model.bin", "others are not read");
  }

  /** The adapter with a header entry, as diffusers writes it. */
  private void diffusers(Path file, String metadata) {
    SafetensorsWriter writer = new SafetensorsWriter().metadata(Map.of("format", "pt"));
    if (metadata != null) {
      writer.metadata(Map.of("lora_adapter_metadata", metadata));
    }
    adapter
        .tensors()
        .asMap()
        .forEach(
            (name, tensor) -> writer.add("transformer." + name, tensor.shape(), tensor.values()));
    writer.write(file);
  }

  private void fails(Map<String, long[]> shapes, String... told) {
    SafetensorsWriter writer = new SafetensorsWriter();
    shapes.forEach(
        (name, shape) ->
            writer.add(
                name, shape, new float[(int) Arrays.stream(shape).reduce(1, (x, y) -> x * y)]));
    Path file = folder.resolve("pytorch_lora_weights.safetensors");
    writer.write(file);
    message(file, told);
    message(file, file.toString());
  }

  private static void message(Path path, String... told) {
    String message =
        assertThrows(LoraException.class, () -> LoraFile.read(path, MAPS)).getMessage();
    for (String part : told) {
      assertTrue(message.contains(part), () -> "\"%s\" lacks \"%s\"".formatted(message, part));
    }
  }
}
