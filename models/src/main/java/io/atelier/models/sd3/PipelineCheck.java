package io.atelier.models.sd3;

import io.atelier.models.files.FileException;
import io.atelier.models.text.ClipTokenizer;
import io.atelier.models.text.T5Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Checks that the configurations and tokenizers of a pipeline's parts belong together. */
final class PipelineCheck {

  private PipelineCheck() {}

  /**
   * @throws FileException if they do not, or one cannot be read
   */
  static void require(PipelineFolder folder) {
    folder.scheduleShift();
    ClipTextConfig first = folder.clipConfig("text_encoder");
    ClipTextConfig second = folder.clipConfig("text_encoder_2");
    Optional<T5Config> third = folder.hasT5() ? Optional.of(folder.t5Config()) : Optional.empty();
    PartSizes.requireFit(
        folder.root(),
        folder.transformerConfig(),
        folder.vaeConfig(),
        List.of(first, second),
        third);
    Path own = folder.part("tokenizer");
    ClipTokenizer tokenizer = ClipTokenizer.load(own);
    PartSizes.requireFit(own, tokenizer, first);
    PartSizes.requireLength(own, tokenizer, first);
    PartSizes.requireLength(own, tokenizer, second);
    first.requireEnd(PipelineFolder.config(folder.part("text_encoder")), tokenizer, own);
    Path other = folder.part("tokenizer_2");
    ClipTokenizer wide = ClipTokenizer.load(other);
    PartSizes.requireFit(other, wide, second);
    second.requireEnd(PipelineFolder.config(folder.part("text_encoder_2")), wide, other);
    if (folder.hasT5()) {
      T5Tokenizer.load(folder.part("tokenizer_3")).close();
    }
    folder.rewards();
  }
}
