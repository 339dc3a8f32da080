package io.atelier.models.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Byte-pair encoding: a vocabulary of pieces, and pairs of pieces that are merged in the order in
 * which they were added, oldest first, and among equals leftmost first.
 */
final class BytePairs {

  private record Merge(int rank, int joined) {}

  private final Map<String, Integer> ids = new HashMap<>();
  private final List<String> pieces = new ArrayList<>();
  private final Map<Long, Merge> merges = new HashMap<>();

  /** The id of {@code piece}, which is added at the end if it is new. */
  int add(String piece) {
    Integer known = ids.putIfAbsent(piece, pieces.size());
    if (known != null) {
      return known;
    }
    pieces.add(piece);
    return pieces.size() - 1;
  }

  /**
   * Adds the merge of {@code left} and {@code right}, ranked after all pairs so far. An existing
   * pair keeps its rank.
   *
   * @throws IllegalArgumentException if one of the three pieces is not in the vocabulary
   */
  void join(String left, String right) {
    merges.putIfAbsent(
        pair(known(left), known(right)), new Merge(merges.size(), known(left + right)));
  }

  private int known(String piece) {
    Integer id = ids.get(piece);
    if (id == null) {
      throw new IllegalArgumentException("\"%s\" is not in the vocabulary".formatted(piece));
    }
    return id;
  }

  private static long pair(int left, int right) {
    return (long) left << 32 | right;
  }

  int size() {
    return pieces.size();
  }

  List<String> pieces() {
    return pieces;
  }

  String piece(int id) {
    return pieces.get(id);
  }

  Optional<Integer> id(String piece) {
    return Optional.ofNullable(ids.get(piece));
  }

  /**
   * The ids of one word.
   *
   * @param symbols the word, one character per byte; the last is looked up with the end-of-word
   *     mark
   * @param unknown id for a symbol that is not in the vocabulary; if empty, such symbols are
   *     dropped
   */
  int[] encode(String symbols, OptionalInt unknown) {
    int[] word = new int[symbols.length()];
    int length = 0;
    for (int i = 0; i < symbols.length(); i++) {
      String symbol = symbols.substring(i, i + 1);
      boolean last = i == symbols.length() - 1;
      Integer id = ids.get(last ? symbol + ClipText.END_OF_WORD : symbol);
      if (id != null) {
        word[length++] = id;
      } else if (unknown.isPresent()) {
        word[length++] = unknown.getAsInt();
      }
    }
    while (true) {
      int at = -1;
      Merge best = null;
      for (int i = 0; i + 1 < length; i++) {
        Merge merge = merges.get(pair(word[i], word[i + 1]));
        if (merge != null && (best == null || merge.rank() < best.rank())) {
          best = merge;
          at = i;
        }
      }
      if (best == null) {
        return Arrays.copyOf(word, length);
      }
      word[at] = best.joined();
      System.arraycopy(word, at + 2, word, at + 1, length - at - 2);
      length--;
    }
  }
}
