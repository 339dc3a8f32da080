package io.atelier.models.text;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.atelier.models.files.Contents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * A small CLIP vocabulary made for a set of captions: each of their words is one token, any other
 * text is split into pieces, down to single bytes. It has the layout of CLIP's own, which
 * transformers loads: the 256 byte symbols, the same as word ends, the pieces in the order of the
 * merges that make them, and the begin and end marks.
 */
public final class ClipVocabulary {

  private final BytePairs pairs;
  private final List<String> merges;

  private ClipVocabulary(BytePairs pairs, List<String> merges) {
    this.pairs = pairs;
    this.merges = merges;
  }

  /** The vocabulary of {@code captions}; their order does not matter. */
  public static ClipVocabulary build(Iterable<String> captions) {
    BytePairs pairs = new BytePairs();
    ClipText.alphabet().forEach(pairs::add);
    ClipText.alphabet().forEach(symbol -> pairs.add(symbol + ClipText.END_OF_WORD));
    List<String> merges = new ArrayList<>();
    for (String word : byFrequency(captions)) {
      // Existing pairs merge first. Those added here rank behind all of them, so that no earlier
      // word is ever split differently: each stays one token.
      String symbols = ClipText.symbols(word);
      int[] pieces = pairs.encode(symbols, OptionalInt.empty());
      while (pieces.length > 1) {
        String left = pairs.piece(pieces[0]);
        String right = pairs.piece(pieces[1]);
        pairs.add(left + right);
        pairs.join(left, right);
        merges.add(left + " " + right);
        pieces = pairs.encode(symbols, OptionalInt.empty());
      }
    }
    pairs.add(ClipTokenizer.BEGIN);
    pairs.add(ClipTokenizer.END);
    return new ClipVocabulary(pairs, merges);
  }

  /** The distinct words, the most frequent first; equally frequent ones in alphabetical order. */
  private static List<String> byFrequency(Iterable<String> captions) {
    Map<String, Integer> counts = new TreeMap<>();
    for (String caption : captions) {
      ClipText.words(ClipText.normalize(caption))
          .forEach(word -> counts.merge(word, 1, Integer::sum));
    }
    return counts.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Number of tokens in the vocabulary. */
  public int size() {
    return pairs.size();
  }

  /**
   * Writes {@code vocab.json}, {@code merges.txt}, {@code tokenizer_config.json} and {@code
   * special_tokens_map.json}, padding with the end mark.
   *
   * @param folder folder to write, created if it does not exist
   * @param maxLength tokens of a prompt with its marks, at least 2
   */
  public void write(Path folder, int maxLength) {
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    pairs.pieces().forEach(piece -> vocabulary.put(piece, vocabulary.size()));
    Map<String, Object> special = new LinkedHashMap<>();
    special.put("bos_token", ClipTokenizer.BEGIN);
    special.put("eos_token", ClipTokenizer.END);
    special.put("pad_token", ClipTokenizer.END);
    special.put("unk_token", ClipTokenizer.END);
    Map<String, Object> config = new LinkedHashMap<>();
    Map<Integer, Object> added = new LinkedHashMap<>();
    added.put(pairs.size() - 2, token(ClipTokenizer.BEGIN));
    added.put(pairs.size() - 1, token(ClipTokenizer.END));
    config.put("added_tokens_decoder", added);
    config.putAll(special);
    config.put("clean_up_tokenization_spaces", false);
    config.put("do_lower_case", true);
    config.put("errors", "replace");
    config.put("model_max_length", maxLength);
    config.put("tokenizer_class", "CLIPTokenizer");
    JsonMapper json = new JsonMapper();
    try {
      Files.createDirectories(folder);
      json.writeValue(folder.resolve(ClipTokenizer.VOCABULARY).toFile(), vocabulary);
      var pretty = json.writerWithDefaultPrettyPrinter();
      pretty.writeValue(folder.resolve(TokenizerFiles.CONFIG).toFile(), config);
      pretty.writeValue(folder.resolve(TokenizerFiles.SPECIAL).toFile(), special);
      Files.writeString(
          folder.resolve(ClipTokenizer.MERGES),
          "#version: 0.2\n" + String.join("\n", merges) + "\n");
    } catch (IOException e) {
      throw new TokenizerException(
          "%s cannot be written: %s".formatted(folder, Contents.reason(e)), e);
    }
  }

  private static Map<String, Object> token(String content) {
    Map<String, Object> token = new LinkedHashMap<>();
    token.put("content", content);
    token.put("lstrip", false);
    token.put("normalized", true);
    token.put("rstrip", false);
    token.put("single_word", false);
    token.put("special", true);
    return token;
  }
}
