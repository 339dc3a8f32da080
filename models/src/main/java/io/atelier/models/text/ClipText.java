package io.atelier.models.text;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * CLIP's text processing before byte-pair merges, as in the fast tokenizer of transformers:
 * canonical composition, runs of white space to one space, lower case character by character, then
 * words; and the reversible mapping of bytes to printable characters that its vocabulary uses.
 */
final class ClipText {

  /** Marks the end of a word, so that a symbol there differs from the same one in the middle. */
  static final String END_OF_WORD = "</w>";

  /** The words of a normalised text. A digit is a word; a run of punctuation is one. */
  static final String WORD = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

  private static final Pattern WORDS = Pattern.compile(WORD, Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern SPACES = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);
  private static final char[] SYMBOL_OF_BYTE = symbols();
  private static final int[] BYTE_OF_SYMBOL = inverse(SYMBOL_OF_BYTE);

  private ClipText() {}

  static String normalize(String text) {
    String composed = Normalizer.normalize(text, Normalizer.Form.NFC);
    String spaced = SPACES.matcher(composed).replaceAll(" ");
    StringBuilder lower = new StringBuilder(spaced.length());
    // One code point at a time: for a whole string Java lower-cases a final sigma differently.
    spaced
        .codePoints()
        .forEach(point -> lower.append(Character.toString(point).toLowerCase(Locale.ROOT)));
    return lower.toString();
  }

  static List<String> words(String normalized) {
    return WORDS.matcher(normalized).results().map(MatchResult::group).toList();
  }

  /** The UTF-8 bytes of {@code word}, one printable character each. */
  static String symbols(String word) {
    byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
    StringBuilder symbols = new StringBuilder(bytes.length);
    for (byte b : bytes) {
      symbols.append(SYMBOL_OF_BYTE[b & 0xff]);
    }
    return symbols.toString();
  }

  /** The bytes that {@code piece} stands for; its UTF-8 if a character of it is not a symbol. */
  static byte[] bytes(String piece) {
    byte[] bytes = new byte[piece.length()];
    for (int i = 0; i < bytes.length; i++) {
      char symbol = piece.charAt(i);
      if (symbol >= BYTE_OF_SYMBOL.length || BYTE_OF_SYMBOL[symbol] < 0) {
        return piece.getBytes(StandardCharsets.UTF_8);
      }
      bytes[i] = (byte) BYTE_OF_SYMBOL[symbol];
    }
    return bytes;
  }

  /** All 256 symbols in the order of the vocabulary: printable bytes first, then the others. */
  static List<String> alphabet() {
    IntStream visible = IntStream.range(0, 256).filter(ClipText::printable);
    IntStream others = IntStream.range(0, 256).filter(b -> !printable(b));
    return IntStream.concat(visible, others)
        .mapToObj(b -> String.valueOf(SYMBOL_OF_BYTE[b]))
        .toList();
  }

  /** Bytes that are visible Latin-1 characters stand for themselves. */
  private static boolean printable(int b) {
    return b >= '!' && b <= '~' || b >= 0xa1 && b <= 0xac || b >= 0xae && b <= 0xff;
  }

  private static char[] symbols() {
    char[] symbols = new char[256];
    char next = 256;
    for (int b = 0; b < 256; b++) {
      symbols[b] = printable(b) ? (char) b : next++;
    }
    return symbols;
  }

  private static int[] inverse(char[] symbols) {
    int[] bytes = new int[512];
    Arrays.fill(bytes, -1);
    for (int b = 0; b < symbols.length; b++) {
      bytes[symbols[b]] = b;
    }
    return bytes;
  }
}
