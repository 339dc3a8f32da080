package io.atelier.models.text;

import io.atelier.models.text.TokenizerFiles.AddedToken;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * CLIP's byte-pair tokenizer, with the same ids as the fast tokenizer of transformers: begin mark,
 * lower-cased words, end mark, padding. Special tokens that occur in a text become their ids; where
 * the padding is an ordinary character, such as the "!" of Stable Diffusion 3's second tokenizer,
 * so does that character. Thread-safe.
 */
public final class ClipTokenizer implements Tokenizer {

  static final String BEGIN = "<|startoftext|>";
  static final String END = "<|endoftext|>";
  static final String VOCABULARY = "vocab.json";
  static final String MERGES = "merges.txt";

  private final BytePairs pairs;
  private final List<AddedToken> added;
  private final Pattern rawTokens;
  private final Pattern normalizedTokens;
  private final int begin;
  private final int end;
  private final int unknown;
  private final int padding;
  private final int maxLength;

  /**
   * Reads {@code folder}: {@code tokenizer.json} if it exists, otherwise {@code vocab.json} and
   * {@code merges.txt}; and {@code tokenizer_config.json} for length and padding.
   */
  public static ClipTokenizer load(Path folder) {
    return ClipTokenizerReader.read(folder);
  }

  /**
   * @param pairs the vocabulary, all of {@code added} included
   * @param added tokens that are split off a text first
   * @param special ids of the begin mark, the end mark, the unknown symbol and the padding
   */
  ClipTokenizer(BytePairs pairs, List<AddedToken> added, List<Integer> special, int maxLength) {
    this.pairs = pairs;
    this.added = List.copyOf(added);
    this.rawTokens = anyOf(added.stream().filter(token -> !token.normalized()).toList());
    this.normalizedTokens = anyOf(added.stream().filter(AddedToken::normalized).toList());
    this.begin = special.get(0);
    this.end = special.get(1);
    this.unknown = special.get(2);
    this.padding = special.get(3);
    this.maxLength = maxLength;
  }

  /** A pattern that matches the longest of some tokens; it never matches if there are none. */
  private static Pattern anyOf(List<AddedToken> tokens) {
    return tokens.isEmpty()
        ? Pattern.compile("(?!)")
        : Pattern.compile(
            tokens.stream()
                .map(AddedToken::content)
                .sorted(Comparator.comparingInt(String::length).reversed())
                .map(Pattern::quote)
                .collect(Collectors.joining("|")));
  }

  @Override
  public long[] encode(String text, int length) {
    if (length < 2) {
      throw new IllegalArgumentException(
          "a text of %d tokens has no room for its begin and end marks".formatted(length));
    }
    List<Integer> body = body(text);
    int kept = Math.min(body.size(), length - 2);
    long[] ids = new long[length];
    Arrays.fill(ids, padding);
    ids[0] = begin;
    for (int i = 0; i < kept; i++) {
      ids[i + 1] = body.get(i);
    }
    ids[kept + 1] = end;
    return ids;
  }

  @Override
  public int count(String text) {
    return body(text).size() + 2;
  }

  private List<Integer> body(String text) {
    List<Integer> ids = new ArrayList<>();
    split(
        rawTokens,
        text,
        ids,
        raw -> split(normalizedTokens, ClipText.normalize(raw), ids, part -> words(part, ids)));
    return ids;
  }

  /** Passes the text between the {@code tokens} of {@code text} to {@code between}, in order. */
  private void split(Pattern tokens, String text, List<Integer> ids, Consumer<String> between) {
    Matcher matcher = tokens.matcher(text);
    int from = 0;
    while (matcher.find()) {
      between.accept(text.substring(from, matcher.start()));
      ids.add(addedId(matcher.group()));
      from = matcher.end();
    }
    between.accept(text.substring(from));
  }

  private int addedId(String content) {
    return added.stream()
        .filter(token -> token.content().equals(content))
        .findFirst()
        .orElseThrow()
        .id();
  }

  private void words(String normalized, List<Integer> ids) {
    for (String word : ClipText.words(normalized)) {
      for (int id : pairs.encode(ClipText.symbols(word), OptionalInt.of(unknown))) {
        ids.add(id);
      }
    }
  }

  /**
   * The text of {@code ids} without special tokens, words separated by one space: the key by which
   * the reference implementation groups prompts. It is not the original text: it is lower-case,
   * with punctuation separated.
   */
  public String decode(long[] ids) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (long id : ids) {
      if (id < 0 || id >= pairs.size()) {
        throw new IllegalArgumentException(
            "token id %d is not in a vocabulary of %d".formatted(id, pairs.size()));
      }
      if (added.stream().noneMatch(token -> token.special() && token.id() == id)) {
        bytes.writeBytes(ClipText.bytes(pairs.piece((int) id)));
      }
    }
    return bytes.toString(StandardCharsets.UTF_8).replace(ClipText.END_OF_WORD, " ").strip();
  }

  @Override
  public int maxLength() {
    return maxLength;
  }

  /** Pieces in the vocabulary, special tokens included: the rows of an embedding table. */
  public int vocabularySize() {
    return pairs.size();
  }

  /** The id of the end mark. */
  public int endId() {
    return end;
  }
}
