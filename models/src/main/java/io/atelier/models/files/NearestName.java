package io.atelier.models.files;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds the most similar names, for messages. */
public final class NearestName {

  private NearestName() {}

  /**
   * The one of {@code names} that takes the fewest edits to reach from {@code wanted}. A dotted
   * name is also compared by its last part alone, so that a key in the wrong section is found.
   */
  public static Optional<String> to(String wanted, Collection<String> names) {
    return ranked(wanted, names).findFirst();
  }

  /** The {@code count} nearest of {@code names}, the nearest first. */
  public static List<String> to(String wanted, Collection<String> names, int count) {
    return ranked(wanted, names).limit(count).toList();
  }

  private static Stream<String> ranked(String wanted, Collection<String> names) {
    record Candidate(String name, int cost, int edits) {}
    return names.stream()
        .map(
            name -> {
              int edits = edits(wanted, name);
              int elsewhere = 1 + edits(last(wanted), last(name));
              return new Candidate(name, Math.min(edits, elsewhere), edits);
            })
        .sorted(
            Comparator.comparingInt(Candidate::cost)
                .thenComparingInt(Candidate::edits)
                .thenComparing(Candidate::name))
        .map(Candidate::name);
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
