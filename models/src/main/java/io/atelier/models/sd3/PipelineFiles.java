package io.atelier.models.sd3;

import io.atelier.models.condition.RewardConditionFile;
import io.atelier.models.safetensors.TensorSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Lists the files of a {@link PipelineFolder} that are read. */
final class PipelineFiles {

  /** Tensors that files of text encoders may hold in addition to those that are read. */
  static final String CLIP_SPARE =
      "text_model\\.embeddings\\.position_ids|vision_model\\..*|visual_projection\\.weight"
          + "|logit_scale";

  static final String T5_SPARE = "encoder\\.embed_tokens\\.weight|decoder\\..*|lm_head\\.weight";

  private static final List<String> PARTS =
      List.of(
          "scheduler",
          "text_encoder",
          "text_encoder_2",
          "tokenizer",
          "tokenizer_2",
          "transformer",
          "vae");

  private static final List<String> T5_PARTS = List.of("text_encoder_3", "tokenizer_3");

  private PipelineFiles() {}

  /** Base name of a part's weight files, which depends on the library that wrote them. */
  static String weights(String part) {
    return part.equals("transformer") || part.equals("vae") ? "diffusion_pytorch_model" : "model";
  }

  /**
   * Every file that loading may read, by its path within the folder.
   *
   * @param t5 whether T5 is read
   * @param conditioned whether the model is conditioned on rewards
   */
  static SortedMap<String, Path> all(Path root, boolean t5, boolean conditioned) {
    SortedMap<String, Path> files = new TreeMap<>();
    files.put("model_index.json", root.resolve("model_index.json"));
    for (String part : t5 ? Stream.concat(PARTS.stream(), T5_PARTS.stream()).toList() : PARTS) {
      Set<String> weights = TensorSource.files(root.resolve(part), weights(part));
      for (Path file : below(root.resolve(part))) {
        String name = file.getFileName().toString();
        if (weights.contains(name) || name.endsWith(".json") || name.endsWith(".txt")) {
          files.put(part + "/" + name, file);
        }
      }
    }
    if (conditioned) {
      files.put(RewardConditionFile.NAME, root.resolve(RewardConditionFile.NAME));
    }
    return files;
  }

  /** The files of text encoders and tokenizers among {@code all}. */
  static SortedMap<String, Path> ofText(SortedMap<String, Path> all) {
    SortedMap<String, Path> files = new TreeMap<>(all);
    files
        .keySet()
        .removeIf(name -> !name.startsWith("text_encoder") && !name.startsWith("tokenizer"));
    return files;
  }

  static long bytes(Collection<Path> files) {
    long bytes = 0;
    for (Path file : files) {
      try {
        bytes += Files.size(file);
      } catch (IOException e) {
        throw new UncheckedIOException(file + " cannot be read", e);
      }
    }
    return bytes;
  }

  private static List<Path> below(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(Files::isRegularFile)
          .filter(file -> !file.getFileName().toString().startsWith("."))
          .toList();
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "%s cannot be listed: %s".formatted(folder, e.getMessage()), e);
    }
  }
}
