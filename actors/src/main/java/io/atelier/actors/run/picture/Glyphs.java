package io.atelier.actors.run.picture;

import io.atelier.models.vision.ImageCodecs;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Small text for pictures, 12 pixels high, Latin, Greek and Cyrillic. The glyphs come from a
 * picture: the machine's fonts are missing on some servers and differ between others.
 */
final class Glyphs {

  /** Pixels of the square that a letter has in the atlas. */
  static final int CELL = 18;

  /** Letters in one row of the atlas. */
  static final int COLUMNS = 32;

  /** Rows from the top of a letter's square to its base line. */
  static final int BASELINE = 13;

  /** Columns from the left of a letter's square to its origin. */
  static final int BEARING = 2;

  /** Rows from one line of text to the next. */
  static final int LINE = 16;

  private static final int UNKNOWN = '?';

  private final BufferedImage atlas;
  private final Map<Integer, Integer> places = new HashMap<>();
  private final Map<Integer, Integer> advances = new HashMap<>();

  Glyphs() {
    try (InputStream picture = Glyphs.class.getResourceAsStream("glyphs.png");
        InputStream widths = Glyphs.class.getResourceAsStream("glyphs.txt")) {
      atlas = ImageCodecs.decodePng(picture);
      for (String line :
          new String(widths.readAllBytes(), StandardCharsets.US_ASCII).lines().toList()) {
        String[] field = line.split(" ");
        int letter = Integer.parseInt(field[0]);
        places.put(letter, places.size());
        advances.put(letter, Integer.parseInt(field[1]));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Columns that {@code text} takes. */
  int width(String text) {
    return text.codePoints().map(letter -> advances.get(known(letter))).sum();
  }

  /**
   * Writes one line.
   *
   * @param x column where it begins
   * @param top row of the upper edge of the line
   * @param rgb colour of the letters
   */
  void draw(BufferedImage canvas, String text, int x, int top, int rgb) {
    int at = x;
    for (int letter : text.codePoints().toArray()) {
      int place = places.get(known(letter));
      int left = place % COLUMNS * CELL;
      int upper = place / COLUMNS * CELL;
      for (int row = 0; row < CELL; row++) {
        for (int column = 0; column < CELL; column++) {
          int ink = atlas.getRaster().getSample(left + column, upper + row, 0);
          blend(canvas, at - BEARING + column, top + row, rgb, ink);
        }
      }
      at += advances.get(known(letter));
    }
  }

  private int known(int letter) {
    return places.containsKey(letter) ? letter : UNKNOWN;
  }

  private static void blend(BufferedImage canvas, int x, int y, int rgb, int ink) {
    if (ink == 0 || x < 0 || y < 0 || x >= canvas.getWidth() || y >= canvas.getHeight()) {
      return;
    }
    int below = canvas.getRGB(x, y);
    int mixed = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
      int from = below >> shift & 0xff;
      int to = rgb >> shift & 0xff;
      mixed |= (from + (to - from) * ink / 255) << shift;
    }
    canvas.setRGB(x, y, mixed);
  }
}
