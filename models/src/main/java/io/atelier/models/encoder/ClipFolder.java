package io.atelier.models.encoder;

import ai.djl.ndarray.NDManager;
import io.atelier.models.files.FileException;
import io.atelier.models.sd3.ClipTextConfig;
import io.atelier.models.sd3.ClipTextEncoder;
import io.atelier.models.tensor.Parameters;
import io.atelier.models.tensor.SharedWeights;
import io.atelier.models.tensor.WeightSource;
import io.atelier.models.tensor.WeightsKey;
import io.atelier.models.text.ClipTokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A full CLIP on disk: a folder with weights, configuration and tokenizer, named as in transformers
 * or open_clip.
 *
 * @param vision its image side, and the files of both sides
 * @param text sizes of its text side
 * @param tokenizer read from the folder itself, or from {@code tokenizer} in it
 * @param files all files that are read, by name
 */
public record ClipFolder(
    VitFile vision, ClipTextConfig text, ClipTokenizer tokenizer, SortedMap<String, Path> files) {

  private static final String LOGIT_SCALE = "logit_scale";

  private static final List<String> TOKENIZER_FILES =
      List.of(
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "vocab.json",
          "merges.txt");

  /**
   * Opens a CLIP, and checks names and shapes against its configuration.
   *
   * @throws IllegalArgumentException naming file and key or tensor, if it is not a full one
   */
  public static ClipFolder open(Path root) {
    if (!Files.isDirectory(root)) {
      throw new FileException(
          "%s is not a folder; name one with the weights, config.json and tokenizer of a CLIP"
              .formatted(root));
    }
    VitFile vision = VitFile.open(root);
    VitLayout layout = vision.config().layout();
    if (!layout.isClip() || vision.config().projection() == 0) {
      throw new FileException(
          "%s holds no CLIP with a text side and projections, which this reward needs"
              .formatted(root));
    }
    Path config = root.resolve(vision.configName());
    ClipTextConfig text =
        layout == VitLayout.CLIP
            ? ClipConfigs.text(config, vision.weights())
            : ClipConfigs.openText(config);
    WeightSource source = textWeights(vision);
    text.shapes().forEach((name, shape) -> WeightSource.requireShape(source, name, shape));
    WeightSource.requireShape(vision.weights(), LOGIT_SCALE, new long[0]);
    String next = "text_model.encoder.layers.%d.layer_norm1.weight".formatted(text.layers());
    if (source.contains(next)) {
      throw new FileException(
          "%s has more layers of the text side than the %d of %s; take both from one model"
              .formatted(source.origin(), text.layers(), config));
    }
    Path own = root.resolve("tokenizer");
    Path from = Files.isDirectory(own) ? own : root;
    ClipTokenizer tokenizer = ClipTokenizer.load(from);
    if (tokenizer.vocabularySize() > text.vocabulary()) {
      throw new FileException(
          "%s has %d tokens, the text side of %s only %d; take both from one model"
              .formatted(from, tokenizer.vocabularySize(), root, text.vocabulary()));
    }
    text.requireEnd(config, tokenizer, from);
    return new ClipFolder(vision, text, tokenizer, files(vision, from));
  }

  private static SortedMap<String, Path> files(VitFile vision, Path tokenizer) {
    SortedMap<String, Path> files = new TreeMap<>(vision.files());
    for (String name : TOKENIZER_FILES) {
      if (Files.exists(tokenizer.resolve(name))) {
        files.put(name, tokenizer.resolve(name));
      }
    }
    return files;
  }

  /** Channels of the vectors that images and texts share. */
  public int width() {
    return text.projection();
  }

  /** The text side under the names of transformers. */
  private static WeightSource textWeights(VitFile vision) {
    return vision.config().layout() == VitLayout.OPEN_CLIP
        ? new OpenClipText(vision.weights())
        : vision.weights();
  }

  /**
   * The text side. Its weights are shared by all users in this process.
   *
   * @param scope keeps them in memory
   */
  public ClipTextEncoder loadText(NDManager scope) {
    Parameters shared =
        SharedWeights.of(
            scope,
            WeightsKey.of(
                vision.files().values(),
                vision.weights().storedFrom(),
                vision.weights().storage(),
                text),
            all -> new ClipTextEncoder(all, text, textWeights(vision)).weights());
    return new ClipTextEncoder(text, shared);
  }

  /** exp of the learned scale of the cosine between image and text. */
  double scale() {
    return Math.exp(vision.weights().tensors().floats(LOGIT_SCALE)[0]);
  }

  /** Fails at the first value that is not finite; reads all weights. */
  public void requireFinite() {
    for (String name : vision.weights().tensors().names()) {
      if (!name.endsWith("position_ids")) {
        vision.weights().requireFinite(name);
      }
    }
  }
}
