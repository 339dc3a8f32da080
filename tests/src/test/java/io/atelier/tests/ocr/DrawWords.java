package io.atelier.tests.ocr;

import io.atelier.models.vision.ImageCodecs;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Draws the pictures that {@link Words} reads, from the DejaVu fonts of this machine: others have
 * none, or other ones. Run by hand: {@code DrawWords FOLDER}.
 */
final class DrawWords {

  private static final Font[] FONTS = {
    new Font("DejaVu Sans", Font.BOLD, 1),
    new Font("DejaVu Serif", Font.BOLD, 1),
    new Font("DejaVu Sans", Font.PLAIN, 1),
    new Font("DejaVu Sans Mono", Font.PLAIN, 1)
  };

  /** Share of a picture that letters may take, of its width and of its height. */
  private static final double BROAD = 0.85;

  private static final double HIGH = 0.7;

  public static void main(String[] arguments) throws IOException {
    for (int size : Words.SIZES) {
      BufferedImage all =
          new BufferedImage(size, size * Words.TEXTS.size(), BufferedImage.TYPE_BYTE_GRAY);
      Graphics2D pen = all.createGraphics();
      pen.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      pen.setColor(Color.WHITE);
      for (int i = 0; i < Words.TEXTS.size(); i++) {
        draw(pen, Words.TEXTS.get(i).split(" / "), FONTS[i % FONTS.length], i * size, size);
      }
      pen.dispose();
      Files.write(
          Path.of(arguments[0]).resolve("words-%d.png".formatted(size)), ImageCodecs.png(all));
    }
  }

  private static void draw(Graphics2D pen, String[] lines, Font font, int top, int size) {
    int points = size;
    do {
      pen.setFont(font.deriveFont((float) --points));
    } while (broadest(pen.getFontMetrics(), lines) > BROAD * size
        || pen.getFontMetrics().getHeight() * lines.length > HIGH * size);
    FontMetrics metrics = pen.getFontMetrics();
    int y = top + (size - metrics.getHeight() * lines.length) / 2 + metrics.getAscent();
    for (String line : lines) {
      pen.drawString(line, (size - metrics.stringWidth(line)) / 2, y);
      y += metrics.getHeight();
    }
  }

  private static int broadest(FontMetrics metrics, String[] lines) {
    int broadest = 0;
    for (String line : lines) {
      broadest = Math.max(broadest, metrics.stringWidth(line));
    }
    return broadest;
  }

  private DrawWords() {}
}
