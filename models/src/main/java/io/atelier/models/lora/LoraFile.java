package io.atelier.models.lora;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.atelier.models.files.Contents;
import io.atelier.models.files.FileException;
import io.atelier.models.files.JsonFile;
import io.atelier.models.safetensors.DType;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Reads and writes adapters of the diffusion transformer. Variants of LoRA that compute something
 * else (see {@link LoraConfig}) and adapted text encoders are rejected.
 */
public final class LoraFile {

  static final String PEFT_WEIGHTS = "adapter_model.safetensors";
  static final String PEFT_CONFIG = "adapter_config.json";
  static final String DIFFUSERS_WEIGHTS = "pytorch_lora_weights.safetensors";

  /** Header entry of a diffusers file: a JSON object with keys such as {@code transformer.r}. */
  static final String DIFFUSERS_METADATA = "lora_adapter_metadata";

  private static final JsonMapper JSON = new JsonMapper();

  private LoraFile() {}

  /**
   * Reads an adapter of any layout: PEFT, diffusers, kohya, ComfyUI, in half precision or float32.
   *
   * @param path the safetensors file, or the folder that holds it under its usual name
   * @param maps shape (out, in) of every linear map of the network that can be adapted, by name
   * @throws LoraException naming the file and the tensor or key that is not supported or does not
   *     fit
   */
  public static LoraWeights read(Path path, Map<String, long[]> maps) {
    Path file = file(path);
    SafetensorsFile source = SafetensorsFile.open(file);
    try {
      LoraReader reader = new LoraReader(source, maps);
      return reader.read(config(file, source, reader.isPeft()));
    } catch (LoraException | FileException e) {
      throw new LoraException("%s: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** Rank and alpha, if given outside the tensors. */
  private static Optional<LoraConfig> config(Path file, SafetensorsFile source, boolean peft) {
    Path config = file.resolveSibling(PEFT_CONFIG);
    if (peft) {
      if (!Files.exists(config)) {
        throw new LoraException(
            "%s, which holds rank and alpha, does not exist; copy it beside the weights"
                .formatted(config));
      }
      return Optional.of(LoraConfig.read(JsonFile.read(config), ""));
    }
    if (file.endsWith(PEFT_WEIGHTS) && Files.exists(config)) {
      throw new LoraException(
          "%s beside it is PEFT's, but the tensors do not have PEFT's names; remove that file, or name its adapter"
              .formatted(PEFT_CONFIG));
    }
    return Optional.ofNullable(source.metadata().get(DIFFUSERS_METADATA))
        .map(json -> json.getBytes(StandardCharsets.UTF_8))
        .map(json -> JsonFile.parse(DIFFUSERS_METADATA, json))
        .map(json -> LoraConfig.read(json, LoraReader.DIFFUSERS));
  }

  /** Whether a folder holds an adapter under one of the usual names. */
  public static boolean isIn(Path folder) {
    return Stream.of(PEFT_WEIGHTS, DIFFUSERS_WEIGHTS)
        .anyMatch(name -> Files.exists(folder.resolve(name)));
  }

  /** The files that {@link #read} reads: the weights, then PEFT's configuration if there is one. */
  public static List<Path> files(Path path) {
    Path file = file(path);
    Path config = file.resolveSibling(PEFT_CONFIG);
    return file.endsWith(PEFT_WEIGHTS) && Files.exists(config)
        ? List.of(file, config)
        : List.of(file);
  }

  private static Path file(Path path) {
    if (!Files.isDirectory(path)) {
      return path;
    }
    List<Path> found =
        Stream.of(PEFT_WEIGHTS, DIFFUSERS_WEIGHTS)
            .map(path::resolve)
            .filter(Files::exists)
            .toList();
    if (found.size() > 1) {
      throw new LoraException(
          "%s holds two adapters, %s and %s; name the file of the one to use"
              .formatted(path, PEFT_WEIGHTS, DIFFUSERS_WEIGHTS));
    }
    if (found.isEmpty()) {
      throw new LoraException(
          "%s has neither %s nor %s%s"
              .formatted(path, PEFT_WEIGHTS, DIFFUSERS_WEIGHTS, instead(path)));
    }
    return found.get(0);
  }

  private static String instead(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      List<String> others =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.matches(".*\\.(safetensors|bin|pth?|ckpt)"))
              .sorted()
              .toList();
      return others.isEmpty()
          ? ": is it the folder of an adapter?"
          : ", only %s; name a safetensors file itself, others are not read"
              .formatted(String.join(", ", others));
    } catch (IOException e) {
      return " and cannot be listed: " + Contents.reason(e);
    }
  }

  /**
   * Writes {@code adapter} into {@code folder}, which is created if it does not exist. An adapter
   * of the same layout there is replaced; one of another layout is an error, since both would
   * remain and it would be unclear which one a reader takes.
   *
   * @param type type that the factors are rounded to: F32, BF16 or F16
   * @param metadata additional header entries of the weight file
   */
  public static void write(
      Path folder,
      LoraWeights adapter,
      LoraLayout layout,
      DType type,
      Map<String, String> metadata) {
    String other = layout == LoraLayout.PEFT ? DIFFUSERS_WEIGHTS : PEFT_WEIGHTS;
    for (String name : List.of(other, layout == LoraLayout.PEFT ? other : PEFT_CONFIG)) {
      if (Files.exists(folder.resolve(name))) {
        throw new LoraException(
            "%s holds %s of another adapter already; name another folder, or remove that file"
                .formatted(folder, name));
      }
    }
    try {
      Files.createDirectories(folder);
      if (layout == LoraLayout.PEFT) {
        JSON.writerWithDefaultPrettyPrinter()
            .writeValue(folder.resolve(PEFT_CONFIG).toFile(), peftConfig(adapter));
      }
      switch (layout) {
        case PEFT ->
            weights(folder.resolve(PEFT_WEIGHTS), LoraReader.PEFT, adapter, type, metadata);
        case DIFFUSERS ->
            weights(
                folder.resolve(DIFFUSERS_WEIGHTS),
                LoraReader.DIFFUSERS,
                adapter.folded(),
                type,
                metadata);
        case DIFFUSERS_METADATA -> {
          Map<String, Object> scale = new LinkedHashMap<>();
          config(adapter).forEach((key, value) -> scale.put(LoraReader.DIFFUSERS + key, value));
          Map<String, String> all = new LinkedHashMap<>(metadata);
          all.put(DIFFUSERS_METADATA, JSON.writeValueAsString(scale));
          weights(folder.resolve(DIFFUSERS_WEIGHTS), LoraReader.DIFFUSERS, adapter, type, all);
        }
      }
    } catch (IOException e) {
      throw new LoraException("%s cannot be written: %s".formatted(folder, Contents.reason(e)), e);
    }
  }

  private static void weights(
      Path file, String prefix, LoraWeights adapter, DType type, Map<String, String> metadata) {
    SafetensorsWriter writer =
        new SafetensorsWriter().metadata(Map.of("format", "pt")).metadata(metadata);
    adapter
        .tensors()
        .asMap()
        .forEach(
            (name, tensor) -> writer.add(prefix + name, type, tensor.shape(), tensor.values()));
    writer.write(file);
  }

  /**
   * The configuration entries of both layouts. diffusers fails on a header without {@code
   * rank_pattern}.
   */
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
