package io.atelier.models.sd3;

import io.atelier.models.files.Contents;
import io.atelier.models.files.FileException;
import io.atelier.models.files.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * {@code model_index.json} of a pipeline folder: for every part the library and class that reads
 * it, or two nulls if the part is not used.
 */
final class PipelineIndex {

  private static final String NAME = "model_index.json";

  /** The parts that are read, and the supported classes. */
  private static final Map<String, List<String>> PARTS =
      new TreeMap<>(
          Map.of(
              "scheduler", List.of("FlowMatchEulerDiscreteScheduler"),
              "transformer", List.of("SD3Transformer2DModel"),
              "vae", List.of("AutoencoderKL"),
              "text_encoder", List.of("CLIPTextModelWithProjection"),
              "text_encoder_2", List.of("CLIPTextModelWithProjection"),
              "text_encoder_3", List.of("T5EncoderModel"),
              "tokenizer", List.of("CLIPTokenizer", "CLIPTokenizerFast"),
              "tokenizer_2", List.of("CLIPTokenizer", "CLIPTokenizerFast"),
              "tokenizer_3", List.of("T5Tokenizer", "T5TokenizerFast")));

  private PipelineIndex() {}

  /** Checks the index and that every part it names exists; returns whether T5 is one of them. */
  static boolean usesT5(Path root) {
    if (!Files.exists(root.resolve(NAME))) {
      throw new FileException(
          "%s is not a diffusers pipeline folder: it has no %s%s"
              .formatted(root, NAME, instead(root)));
    }
    JsonFile index = JsonFile.read(root.resolve(NAME));
    index.harmless("_diffusers_version", "_name_or_path");
    index.harmless("feature_extractor", "image_encoder"); // for image prompts, which are not used
    if (!index.text("_class_name").equals("StableDiffusion3Pipeline")) {
      throw index.wrong(
          "_class_name", "is a pipeline that is not supported, only StableDiffusion3Pipeline is");
    }
    PARTS.forEach((part, classes) -> checkPart(root, index, part, classes));
    index.requireKnown();
    boolean encoder = used(index, "text_encoder_3");
    if (encoder != used(index, "tokenizer_3")) {
      throw new FileException(
          "%s uses only one of text_encoder_3 and tokenizer_3; name both or set both to [null, null]"
              .formatted(index.origin()));
    }
    return encoder;
  }

  private static boolean used(JsonFile index, String part) {
    return index.has(part) && !index.get(part).path(1).isNull();
  }

  private static void checkPart(Path root, JsonFile index, String part, List<String> classes) {
    boolean optional = part.endsWith("_3");
    if (index.get(part).isMissingNode()
        || !index.get(part).isNull()
            && (!index.get(part).isArray() || index.get(part).size() != 2)) {
      throw index.wrong(
          part,
          "should be [library, class]"
              + (optional ? ", or [null, null] where it is not used" : ""));
    }
    if (!used(index, part)) {
      if (!optional) {
        throw index.wrong(part, "should not be null: this part is needed");
      }
      return;
    }
    if (!classes.contains(index.get(part).path(1).asText())) {
      throw index.wrong(
          part, "names a class that is not supported, only " + String.join(" and ", classes));
    }
    if (!Files.isDirectory(root.resolve(part))) {
      throw new FileException(
          "%s names the part %s, but the folder %s does not exist; download it%s"
              .formatted(
                  index.origin(),
                  part,
                  root.resolve(part),
                  optional
                      ? ", or set text_encoder_3 and tokenizer_3 to [null, null] to do without T5"
                      : ""));
    }
  }

  /** Model files in a folder that is not a pipeline, for the message. */
  private static String instead(Path root) {
    try (Stream<Path> files = Files.list(root)) {
      List<String> found =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.matches(".*\\.(safetensors|ckpt|bin|pth?|gguf)"))
              .sorted()
              .toList();
      return found.isEmpty()
          ? ""
          : ", but %s; a model in one file is not read: download or convert it as a diffusers folder"
              .formatted(String.join(", ", found));
    } catch (IOException e) {
      return " and cannot be listed: " + Contents.reason(e);
    }
  }
}
