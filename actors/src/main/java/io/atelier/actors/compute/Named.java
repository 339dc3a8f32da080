package io.atelier.actors.compute;

import java.util.Collection;

/** Lists in messages. */
final class Named {

  private Named() {}

  /**
   * The first of some names with commas between them, and how many more there are.
   *
   * @param most names that are written out
   */
  static String some(Collection<String> names, int most) {
    String first = String.join(", ", names.stream().limit(most).toList());
    return names.size() > most ? "%s and %d more".formatted(first, names.size() - most) : first;
  }
}
