package io.atelier.models.lora;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.safetensors.SafetensorsWriter;
import io.atelier.models.state.NamedTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads and writes adapters of the diffusion transformer. Variants of LoRA that would compute
 * something else (ranks or alphas by module, rsLoRA, DoRA, trained biases, adapted text encoders)
 * are refused.
 */
public final class LoraFile {

  static final String PEFT_WEIGHTS = "adapter_model.safetensors";
  static final String PEFT_CONFIG = "adapter_config.json";
  static final String DIFFUSERS_WEIGHTS = "pytorch_lora_weights.safetensors";

  /** Header entry of a diffusers file: a JSON object with keys such as {@code transformer.r}. */
  static final String DIFFUSERS_METADATA = "lora_adapter_metadata";

  private static final String PEFT_PREFIX = "base_model.model.";
  private static final String DIFFUSERS_PREFIX = "transformer.";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private LoraFile() {}

  /**
   * Reads an adapter of any layout.
   *
   * @param path the safetensors file, or the folder that holds it under its usual name
   */
  public static LoraWeights read(Path path) {
    Path file = file(path);
    SafetensorsFile source = SafetensorsFile.open(file);
    try {
      boolean peft = source.names().stream().anyMatch(name -> name.startsWith(PEFT_PREFIX));
      NamedTensors tensors = tensors(source, peft ? PEFT_PREFIX : DIFFUSERS_PREFIX);
      if (peft) {
        Path config = file.resolveSibling(PEFT_CONFIG);
        return configured(config.toString(), "", json(config), tensors);
      }
      String metadata = source.metadata().get(DIFFUSERS_METADATA);
      if (metadata != null) {
        return configured(DIFFUSERS_METADATA, DIFFUSERS_PREFIX, parse(metadata), tensors);
      }
      long rank = tensors.get(tensors.names().iterator().next()).shape()[0]; // the first is an A
      return LoraWeights.of((int) Math.min(rank, Integer.MAX_VALUE), rank, tensors);
    } catch (LoraException e) {
      throw new LoraException("%s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static Path file(Path path) {
    if (!Files.isDirectory(path)) {
      return path;
    }
    for (String name : List.of(PEFT_WEIGHTS, DIFFUSERS_WEIGHTS)) {
      if (Files.exists(path.resolve(name))) {
        return path.resolve(name);
      }
    }
    throw new LoraException(
        "%s has neither %s nor %s: is it the folder of an adapter?"
            .formatted(path, PEFT_WEIGHTS, DIFFUSERS_WEIGHTS));
  }

  private static NamedTensors tensors(SafetensorsFile source, String prefix) {
    Map<String, NamedTensors.Tensor> tensors = new HashMap<>();
    for (String name : source.names()) {
      if (!name.startsWith(prefix)) {
        throw new LoraException(
            "tensor \"%s\" is no part of an adapter of the diffusion transformer: names begin with %s"
                .formatted(name, prefix));
      }
      long[] shape = source.info(name).shape();
      if (shape.length != 2) {
        throw new LoraException(
            "tensor \"%s\" has %d dimensions, a factor has 2".formatted(name, shape.length));
      }
      tensors.put(
          name.substring(prefix.length()),
          new NamedTensors.Tensor(shape.clone(), source.floats(name)));
    }
    if (tensors.isEmpty()) {
      throw new LoraException("there is no tensor in it");
    }
    return new NamedTensors(tensors);
  }

  private static JsonNode json(Path file) {
    try {
      return JSON.readTree(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      throw new LoraException("%s, which holds rank and alpha, does not exist".formatted(file), e);
    } catch (IOException e) {
      throw new LoraException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static JsonNode parse(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new LoraException(
          "%s is not valid JSON: %s".formatted(DIFFUSERS_METADATA, e.getMessage()), e);
    }
  }

  private static LoraWeights configured(
      String where, String prefix, JsonNode config, NamedTensors tensors) {
    JsonNode rank = config.path(prefix + "r");
    JsonNode alpha = config.path(prefix + "lora_alpha");
    if (!rank.isInt() || !alpha.isNumber()) {
      throw new LoraException(
          "%s: \"%sr\" must be an integer and \"%slora_alpha\" a number, got %s and %s"
              .formatted(where, prefix, prefix, shown(rank), shown(alpha)));
    }
    for (String key : List.of("rank_pattern", "alpha_pattern")) {
      refuse(where, prefix + key, config.path(prefix + key), config.path(prefix + key).isEmpty());
    }
    for (String key : List.of("use_rslora", "use_dora", "fan_in_fan_out", "lora_bias")) {
      JsonNode value = config.path(prefix + key);
      refuse(where, prefix + key, value, !value.asBoolean());
    }
    JsonNode bias = config.path(prefix + "bias");
    refuse(
        where, prefix + "bias", bias, bias.asText("none").equals("none") || bias.isMissingNode());
    return LoraWeights.of(rank.intValue(), alpha.doubleValue(), tensors);
  }

  private static String shown(JsonNode value) {
    return value.isMissingNode() ? "nothing" : value.toString();
  }

  private static void refuse(String where, String key, JsonNode value, boolean fine) {
    if (!fine) {
      throw new LoraException("%s: \"%s\": %s is not supported".formatted(where, key, value));
    }
  }

  /** Writes {@code adapter} into {@code folder}, which is created if it does not exist. */
  public static void write(Path folder, LoraWeights adapter, LoraLayout layout) {
    try {
      Files.createDirectories(folder);
      if (layout == LoraLayout.PEFT) {
        JSON.writerWithDefaultPrettyPrinter()
            .writeValue(folder.resolve(PEFT_CONFIG).toFile(), peftConfig(adapter));
      }
      switch (layout) {
        case PEFT -> weights(folder.resolve(PEFT_WEIGHTS), PEFT_PREFIX, adapter, Map.of());
        case DIFFUSERS ->
            weights(
                folder.resolve(DIFFUSERS_WEIGHTS), DIFFUSERS_PREFIX, adapter.folded(), Map.of());
        case DIFFUSERS_METADATA -> {
          Map<String, Object> metadata = new LinkedHashMap<>();
          config(adapter).forEach((key, value) -> metadata.put(DIFFUSERS_PREFIX + key, value));
          weights(
              folder.resolve(DIFFUSERS_WEIGHTS),
              DIFFUSERS_PREFIX,
              adapter,
              Map.of(DIFFUSERS_METADATA, JSON.writeValueAsString(metadata)));
        }
      }
    } catch (IOException e) {
      throw new LoraException("%s cannot be written: %s".formatted(folder, e), e);
    }
  }

  private static void weights(
      Path file, String prefix, LoraWeights adapter, Map<String, String> metadata) {
    SafetensorsWriter writer =
        new SafetensorsWriter().metadata(Map.of("format", "pt")).metadata(metadata);
    adapter
        .tensors()
        .asMap()
        .forEach((name, tensor) -> writer.add(prefix + name, tensor.shape(), tensor.values()));
    writer.write(file);
  }

  /** What both layouts say. diffusers fails on a header without {@code rank_pattern}. */
  private static Map<String, Object> config(LoraWeights adapter) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("alpha_pattern", Map.of());
    boolean whole = adapter.alpha() == Math.rint(adapter.alpha());
    config.put("lora_alpha", whole ? (Number) (long) adapter.alpha() : adapter.alpha());
    config.put("r", adapter.rank());
    config.put("rank_pattern", Map.of());
    config.put("target_modules", adapter.modules().keySet());
    return config;
  }

  private static Map<String, Object> peftConfig(LoraWeights adapter) {
    Map<String, Object> config = new LinkedHashMap<>(config(adapter));
    config.put("base_model_name_or_path", null);
    config.put("bias", "none");
    config.put("fan_in_fan_out", false);
    config.put("inference_mode", true);
    config.put("init_lora_weights", true);
    config.put("lora_dropout", 0.0);
    config.put("modules_to_save", null);
    config.put("peft_type", "LORA");
    config.put("task_type", null);
    config.put("use_dora", false);
    config.put("use_rslora", false);
    return config;
  }
}
