package io.atelier.models.sd3;

import io.atelier.models.files.FileException;
import io.atelier.models.text.ClipTokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Checks that the sizes of a pipeline's parts match. */
final class PartSizes {

  private PartSizes() {}

  static void requireFit(
      Path root,
      MmditConfig network,
      VaeConfig vae,
      List<ClipTextConfig> clips,
      Optional<T5Config> t5) {
    require(
        network.channels() == vae.latentChannels(),
        "%s: the transformer has %d latent channels and the vae %d; take both from one model",
        root,
        network.channels(),
        vae.latentChannels());
    int width = clips.stream().mapToInt(ClipTextConfig::width).sum();
    require(
        width <= network.jointDim(),
        "%s: the CLIP encoders give %d features together, more than the joint_attention_dim %d of"
            + " the transformer; take all from one model",
        root,
        width,
        network.jointDim());
    int pooled = clips.stream().mapToInt(ClipTextConfig::projection).sum();
    require(
        pooled == network.pooledDim(),
        "%s: the CLIP encoders give %d pooled features together, the transformer reads %d"
            + " (pooled_projection_dim); take all from one model",
        root,
        pooled,
        network.pooledDim());
    t5.ifPresent(
        config ->
            require(
                config.width() == network.jointDim(),
                "%s: the T5 encoder gives %d features, the transformer reads %d"
                    + " (joint_attention_dim); take both from one model",
                root,
                config.width(),
                network.jointDim()));
  }

  static void requireFit(Path folder, ClipTokenizer tokenizer, ClipTextConfig encoder) {
    require(
        tokenizer.vocabularySize() <= encoder.vocabulary(),
        "%s has %d pieces, its text encoder reads %d (vocab_size); take both from one model",
        folder,
        tokenizer.vocabularySize(),
        encoder.vocabulary());
  }

  /** Both CLIP encoders use the first tokenizer's length. */
  static void requireLength(Path folder, ClipTokenizer tokenizer, ClipTextConfig encoder) {
    require(
        tokenizer.maxLength() <= encoder.positions(),
        "%s: \"model_max_length\" of tokenizer_config.json is %d, a text encoder reads %d tokens"
            + " (max_position_embeddings); set it to that",
        folder,
        tokenizer.maxLength(),
        encoder.positions());
  }

  private static void require(boolean holds, String message, Object... values) {
    if (!holds) {
      throw new FileException(message.formatted(values));
    }
  }
}
