package io.atelier.reward.ocr;

import java.text.Normalizer;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The text that a prompt asks for, and the score of the text that was read. Texts are compared
 * without white space, in lower case, and with variants of characters, such as full width, unified
 * (NFKC). The formula is that of Flow-GRPO.
 */
public final class OcrTarget {

  private static final char QUOTE = '"';

  private final String text;

  private OcrTarget(String text) {
    this.text = text;
  }

  /**
   * Returns the text between the first two double quotes of a prompt; empty if it has no visible
   * characters.
   */
  public static Optional<OcrTarget> of(String prompt) {
    int open = prompt.indexOf(QUOTE);
    int close = prompt.indexOf(QUOTE, open + 1);
    return open < 0 || close < 0
        ? Optional.empty()
        : Optional.of(compared(prompt.substring(open + 1, close)))
            .filter(text -> !text.isEmpty())
            .map(OcrTarget::new);
  }

  /**
   * Computes {@code 1 - min(d, n) / n} where n is the length of the target and d is 0 if the text
   * that was read contains the target, otherwise the edit distance of the two.
   *
   * @param read all text that was read in an image
   * @return 0 to 1, and 1 for the whole target
   */
  public float score(String read) {
    String other = compared(read);
    if (other.contains(text)) {
      return 1;
    }
    int[] target = text.codePoints().toArray();
    int distance = Math.min(distance(other.codePoints().toArray(), target), target.length);
    return 1 - (float) distance / target.length;
  }

  /** Returns the normalised code points of some characters. */
  public static Set<Integer> letters(String characters) {
    return compared(characters).codePoints().boxed().collect(Collectors.toSet());
  }

  /**
   * Returns the characters of the target that are not in {@code known}, each once; empty if all
   * are.
   */
  public String unknown(Set<Integer> known) {
    return text.codePoints()
        .distinct()
        .filter(letter -> !known.contains(letter))
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  /** Normalises a text for comparison. */
  private static String compared(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFKC)
        .toLowerCase(Locale.ROOT)
        .codePoints()
        .filter(letter -> !Character.isWhitespace(letter) && !Character.isSpaceChar(letter))
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  /** Returns the minimum number of characters to insert, delete or replace (Levenshtein 1966). */
  static int distance(int[] a, int[] b) {
    int[] above = IntStream.rangeClosed(0, b.length).toArray();
    for (int i = 1; i <= a.length; i++) {
      int[] row = new int[b.length + 1];
      row[0] = i;
      for (int j = 1; j <= b.length; j++) {
        int replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
        row[j] = Math.min(replaced, 1 + Math.min(above[j], row[j - 1]));
      }
      above = row;
    }
    return above[b.length];
  }
}
