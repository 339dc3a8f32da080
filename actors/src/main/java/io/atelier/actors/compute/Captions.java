package io.atelier.actors.compute;

import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.text.ClipTokenizer;
import io.atelier.models.text.T5Tokenizer;
import io.atelier.models.text.Tokenizer;
import io.atelier.rollout.Prompt;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Captions from files, held against what a model can read. */
public final class Captions {

  private Captions() {}

  /** One prompt for each line that is not blank; its index is its place among them. */
  public static List<Prompt> read(Path file) {
    List<Prompt> prompts = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
        if (!line.isBlank()) {
          prompts.add(new Prompt(prompts.size(), line.strip()));
        }
      }
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException(
          "data.prompts: file %s does not exist; name a text file with one caption on each line"
              .formatted(file),
          e);
    } catch (MalformedInputException e) {
      throw new IllegalArgumentException(
          "data.prompts: file %s is no UTF-8 text; save it as UTF-8".formatted(file), e);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "data.prompts: file %s cannot be read: %s".formatted(file, e), e);
    }
    if (prompts.isEmpty()) {
      throw new IllegalArgumentException(
          "data.prompts: file %s has no caption; write one on each line".formatted(file));
    }
    return prompts;
  }

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
                      prompt.index() + 1, tokenizer.count(prompt.text()), length, prompt.text()));
        }
      }
    }
  }
}
