package io.atelier.models.files;

import java.util.Collection;
import java.util.stream.Collectors;

/** Lists in messages. */
public final class Named {

  private Named() {}

  /**
   * The first of some things, separated by commas, and the number of the others.
   *
   * @param most maximum number of things written out
   */
  public static String some(Collection<?> things, int most) {
    String first =
        things.stream().limit(most).map(String::valueOf).collect(Collectors.joining(", "));
    return things.size() > most ? "%s and %d more".formatted(first, things.size() - most) : first;
  }
}
