package io.atelier.actors.compute;

import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.text.ClipTokenizer;
import io.atelier.models.text.T5Tokenizer;
import io.atelier.models.text.Tokenizer;
import io.atelier.rollout.Prompt;
import java.util.List;

/** Captions, held against what a model can read. */
public final class Captions {

  /** Characters of a caption that a message shows. */
  private static final int SHOWN = 200;

  private Captions() {}

  /**
   * Fails if a caption is longer than what the model's encoders read: without T5 the CLIP length,
   * else T5's.
   *
   * @param t5Length tokens that T5 reads
   */
  public static void requireFit(PipelineFolder model, List<Prompt> prompts, int t5Length) {
    boolean t5 = model.hasT5();
    try (Tokenizer tokenizer =
        t5
            ? T5Tokenizer.load(model.part("tokenizer_3"))
            : ClipTokenizer.load(model.part("tokenizer"))) {
      int length = t5 ? t5Length : tokenizer.maxLength();
      for (Prompt prompt : prompts) {
        if (!tokenizer.fits(prompt.text(), length)) {
          throw new IllegalArgumentException(
              "caption %d is too long: %d tokens, the model reads %d; shorten \"%s\""
                  .formatted(
                      prompt.index() + 1,
                      tokenizer.count(prompt.text()),
                      length,
                      beginning(prompt.text())));
        }
      }
    }
  }

  private static String beginning(String text) {
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
  }
}
