package io.atelier.models.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.atelier.models.cache.CacheFolder;
import io.atelier.models.files.JsonFile;
import io.atelier.models.text.TokenizerFiles.AddedToken;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * T5's unigram tokenizer, run by the native tokenizers library: ids of the text, end mark, padding.
 */
public final class T5Tokenizer implements Tokenizer {

  private final HuggingFaceTokenizer library;
  private final long end;
  private final long padding;
  private final int maxLength;

  private T5Tokenizer(HuggingFaceTokenizer library, long end, long padding, int maxLength) {
    this.library = library;
    this.end = end;
    this.padding = padding;
    this.maxLength = maxLength;
  }

  /** Reads {@code tokenizer.json} and {@code tokenizer_config.json} of {@code folder}. */
  public static T5Tokenizer load(Path folder) {
    Path file = folder.resolve(TokenizerFiles.TOKENIZER);
    if (!Files.exists(file) && Files.exists(folder.resolve("spiece.model"))) {
      throw new TokenizerException(
          ("%s does not exist, only spiece.model, which is not read; download tokenizer.json of the"
                  + " same model, or save the tokenizer again by transformers' T5TokenizerFast")
              .formatted(file));
    }
    JsonFile config = TokenizerFiles.config(folder, "T5Tokenizer", "T5TokenizerFast");
    List<AddedToken> added = TokenizerFiles.addedTokens(TokenizerFiles.read(file));
    long end = id(file, added, TokenizerFiles.special(folder, config, "eos_token").orElse("</s>"));
    long padding =
        id(file, added, TokenizerFiles.special(folder, config, "pad_token").orElse("<pad>"));
    int maxLength = TokenizerFiles.maxLength(config);
    Map<String, String> options =
        Map.of("addSpecialTokens", "false", "padding", "false", "truncation", "false");
    CacheFolder.get();
    try (InputStream content = Files.newInputStream(file)) {
      return new T5Tokenizer(
          HuggingFaceTokenizer.newInstance(content, options), end, padding, maxLength);
    } catch (IOException | RuntimeException e) {
      throw new TokenizerException("%s cannot be loaded: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static long id(Path file, List<AddedToken> added, String content) {
    return added.stream()
        .filter(token -> token.content().equals(content))
        .findFirst()
        .orElseThrow(
            () ->
                new TokenizerException(
                    "%s has no added token \"%s\", which ends or pads a text"
                        .formatted(file, content)))
        .id();
  }

  @Override
  public long[] encode(String text, int length) {
    if (length < 1) {
      throw new IllegalArgumentException(
          "a text of %d tokens has no room for its end mark".formatted(length));
    }
    long[] body = library.encode(text).getIds();
    int kept = Math.min(body.length, length - 1);
    long[] ids = new long[length];
    Arrays.fill(ids, padding);
    System.arraycopy(body, 0, ids, 0, kept);
    ids[kept] = end;
    return ids;
  }

  @Override
  public int count(String text) {
    return library.encode(text).getIds().length + 1;
  }

  @Override
  public int maxLength() {
    return maxLength;
  }

  @Override
  public void close() {
    library.close();
  }
}
