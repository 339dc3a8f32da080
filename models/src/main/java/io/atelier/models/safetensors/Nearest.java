package io.atelier.models.safetensors;

import java.util.Collection;
import java.util.Comparator;
import java.util.stream.Collectors;

/** Names that resemble one that is missing, for messages. */
final class Nearest {

  private static final int SHOWN = 3;

  private Nearest() {}

  /** Those of {@code names} that share the longest beginning and end with {@code wanted}. */
  static String to(String wanted, Collection<String> names) {
    return names.stream()
        .sorted(Comparator.<String>comparingInt(name -> -shared(wanted, name)))
        .limit(SHOWN)
        .collect(Collectors.joining(", "));
  }

  private static int shared(String a, String b) {
    int shortest = Math.min(a.length(), b.length());
    int front = 0;
    while (front < shortest && a.charAt(front) == b.charAt(front)) {
      front++;
    }
    int back = 0;
    while (back < shortest - front
        && a.charAt(a.length() - 1 - back) == b.charAt(b.length() - 1 - back)) {
      back++;
    }
    return front + back;
  }
}
