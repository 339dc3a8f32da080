package io.atelier.tests.golden;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The small random CLIP of the golden set as a folder of transformers or open_clip. */
public final class GoldenClip {

  private GoldenClip() {}

  /**
   * @param program {@code transformers} or {@code open_clip}
   */
  public static Path write(Path folder, String program) throws IOException {
    JsonNode spec = Golden.json("clip", "case.json");
    JsonNode vision = spec.get("vision");
    JsonNode text = spec.get("text");
    Files.createDirectories(folder.resolve("tokenizer"));
    try (Stream<Path> files = Files.list(Golden.path("clip", "tokenizer"))) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve("tokenizer").resolve(file.getFileName().toString()));
      }
    }
    boolean open = program.equals("open_clip");
    Files.copy(
        Golden.path("clip", program + ".safetensors"),
        folder.resolve(open ? "open_clip_model.safetensors" : "model.safetensors"));
    Files.writeString(
        folder.resolve(open ? "open_clip_config.json" : "config.json"),
        open
            ? """
              {"model_cfg": {"embed_dim": %s,
                "vision_cfg": {"image_size": %s, "layers": %s, "width": %s, "head_width": %s,
                  "patch_size": %s, "mlp_ratio": %s},
                "text_cfg": {"context_length": 77, "vocab_size": %s, "width": %s, "heads": %s,
                  "layers": %s, "mlp_ratio": %s}},
               "preprocess_cfg": {"mean": %s, "std": %s}}
              """
                .formatted(
                    spec.get("projection"),
                    spec.get("image_size"),
                    vision.get("layers"),
                    vision.get("width"),
                    vision.get("width").asInt() / vision.get("heads").asInt(),
                    spec.get("patch"),
                    vision.get("mlp").asDouble() / vision.get("width").asInt(),
                    spec.get("vocabulary"),
                    text.get("width"),
                    text.get("heads"),
                    text.get("layers"),
                    text.get("mlp").asDouble() / text.get("width").asInt(),
                    spec.get("mean"),
                    spec.get("std"))
            : """
              {"model_type": "clip", "projection_dim": %s,
               "text_config": {"hidden_act": "%s", "hidden_size": %s, "intermediate_size": %s,
                 "num_attention_heads": %s, "num_hidden_layers": %s, "eos_token_id": %s},
               "vision_config": {"hidden_act": "%s", "hidden_size": %s, "intermediate_size": %s,
                 "num_attention_heads": %s, "num_hidden_layers": %s, "image_size": %s,
                 "patch_size": %s}}
              """
                .formatted(
                    spec.get("projection"),
                    spec.get("activation").asText(),
                    text.get("width"),
                    text.get("mlp"),
                    text.get("heads"),
                    text.get("layers"),
                    spec.get("end_of_text"),
                    spec.get("activation").asText(),
                    vision.get("width"),
                    vision.get("mlp"),
                    vision.get("heads"),
                    vision.get("layers"),
                    spec.get("image_size"),
                    spec.get("patch")));
    return folder;
  }
}
