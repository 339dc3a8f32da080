package io.atelier.actors.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the name that was probably meant, for messages. */
public final class NearestName {

  private NearestName() {}

  /**
   * The one of {@code names} that takes the fewest edits to reach from {@code wanted}. A dotted
   * name is also compared by its last part alone, so a key that was put into the wrong section is
   * found.
   */
  public static Optional<String> to(String wanted, Collection<String> names) {
    return names.stream()
        .min(
            Comparator.<String>comparingInt(name -> cost(wanted, name))
                .thenComparingInt(name -> edits(wanted, name))
                .thenComparing(Comparator.naturalOrder()));
  }

  private static int cost(String wanted, String name) {
    return Math.min(edits(wanted, name), 1 + edits(last(wanted), last(name)));
  }

  private static String last(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
  static int edits(String a, String b) {
    int[] beforeLast = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      last[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substitution = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        row[j] = Math.min(Math.min(row[j - 1], last[j]) + 1, last[j - 1] + substitution);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
        }
      }
      int[] free = beforeLast;
      beforeLast = last;
      last = row;
      row = free;
    }
    return last[b.length()];
  }
}
