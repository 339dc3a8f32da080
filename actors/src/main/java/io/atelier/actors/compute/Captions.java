package io.atelier.actors.compute;

import io.atelier.actors.config.run.TooLong;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.text.ClipTokenizer;
import io.atelier.models.text.T5Tokenizer;
import io.atelier.models.text.Tokenizer;
import io.atelier.rollout.Prompt;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Captions, held against what a model can read. */
public final class Captions {

  private static final Logger LOG = LoggerFactory.getLogger(Captions.class);

  /** Characters of a caption that a message shows. */
  private static final int SHOWN = 200;

  private Captions() {}

  /**
   * Looks for captions that are longer than what the model's encoders read: without T5 the CLIP
   * length, else T5's, of which CLIP reads the first part in any case. Logs how many are cut, or
   * fails.
   *
   * @param t5Length tokens that T5 reads
   * @throws IllegalArgumentException that names the first one, if they are not to be cut
   */
  public static void check(
      PipelineFolder model, List<Prompt> prompts, int t5Length, TooLong tooLong) {
    boolean t5 = model.hasT5();
    try (Tokenizer tokenizer =
        t5
            ? T5Tokenizer.load(model.part("tokenizer_3"))
            : ClipTokenizer.load(model.part("tokenizer"))) {
      int length = t5 ? t5Length : tokenizer.maxLength();
      List<Prompt> cut =
          prompts.stream().filter(prompt -> !tokenizer.fits(prompt.text(), length)).toList();
      if (cut.isEmpty()) {
        return;
      }
      Prompt first = cut.get(0);
      int tokens = tokenizer.count(first.text());
      if (tooLong == TooLong.FAIL) {
        throw new IllegalArgumentException(
            "caption %d is too long: %d tokens, the model reads %d; shorten \"%s\""
                .formatted(first.index() + 1, tokens, length, beginning(first.text())));
      }
      LOG.warn(
          "{} of {} captions have more than the {} tokens that the model reads, and are cut to them;"
              + " the first is caption {} with {}: \"{}\"",
          cut.size(),
          prompts.size(),
          length,
          first.index() + 1,
          tokens,
          beginning(first.text()));
    }
  }

  /** As much of a caption as a message shows. */
  public static String beginning(String text) {
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
  }
}
