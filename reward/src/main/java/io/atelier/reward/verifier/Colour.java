package io.atelier.reward.verifier;

import java.util.List;
import java.util.Locale;

/**
 * A colour identified by its hue, with the words for it. Bands are in degrees of HSV hue, from the
 * first (inclusive) to the second (exclusive), and do not overlap; pink, brown, black, white and
 * grey are not identified by hue and are left out.
 */
enum Colour {
  RED(340, 15, "red"),
  ORANGE(15, 40, "orange"),
  YELLOW(40, 70, "yellow"),
  GREEN(70, 170, "green"),
  BLUE(170, 255, "blue"),
  PURPLE(255, 320, "purple", "violet");

  /** Minimum span between the channels of a pixel that has a hue, of 255. */
  private static final int SPAN = 40;

  private final int from;
  private final int to;
  private final List<String> words;

  Colour(int from, int to, String... words) {
    this.from = from;
    this.to = to;
    this.words = List.of(words);
  }

  boolean isNamedBy(String word) {
    return words.contains(word);
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Whether a pixel has this colour.
   *
   * @param red 0 to 255, like the other channels
   */
  boolean is(int red, int green, int blue) {
    int most = Math.max(red, Math.max(green, blue));
    int span = most - Math.min(red, Math.min(green, blue));
    if (span < SPAN) {
      return false;
    }
    double hue = hue(red, green, blue, most, span);
    return from < to ? hue >= from && hue < to : hue >= from || hue < to;
  }

  /** Returns the hue, 0 to 360. */
  private static double hue(int red, int green, int blue, int most, int span) {
    double sixths;
    if (most == red) {
      sixths = (green - blue) / (double) span;
    } else if (most == green) {
      sixths = 2 + (blue - red) / (double) span;
    } else {
      sixths = 4 + (red - green) / (double) span;
    }
    return 60 * (sixths < 0 ? sixths + 6 : sixths);
  }
}
