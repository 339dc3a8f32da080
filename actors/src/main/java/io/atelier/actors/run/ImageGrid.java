package io.atelier.actors.run;

import io.atelier.models.vision.ImageCodecs;
import io.atelier.models.vision.Images;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/**
 * Images side by side, the prompt of each beneath it.
 *
 * @param picture all of it
 */
record ImageGrid(BufferedImage picture) {

  /** Cells are at least this wide, so that a prompt can be read beneath a 64-pixel image. */
  private static final int CELL = 128;

  private static final int GAP = 12;
  private static final int LINES = 3;
  private static final int INK = 0x333333;
  private static final int PAPER = 0xffffff;
  private static final int LARGEST_COLUMNS = 8;

  /**
   * Draws a grid.
   *
   * @param images what is shown, enlarged by a whole factor if it is small
   * @param prompts one for each image
   */
  static ImageGrid of(Images images, List<String> prompts) {
    if (prompts.size() != images.count()) {
      throw new IllegalArgumentException(
          "%d images but %d prompts".formatted(images.count(), prompts.size()));
    }
    int scale = Math.max(1, (CELL + images.width() - 1) / images.width());
    int cellWidth = images.width() * scale;
    int cellHeight = images.height() * scale;
    int columns = Math.min(LARGEST_COLUMNS, images.count());
    int rows = (images.count() + columns - 1) / columns;
    int pitchX = cellWidth + GAP;
    int pitchY = cellHeight + LINES * Glyphs.LINE + GAP;
    BufferedImage canvas =
        new BufferedImage(GAP + columns * pitchX, GAP + rows * pitchY, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = canvas.createGraphics();
    pen.setColor(new Color(PAPER));
    pen.fillRect(0, 0, canvas.getWidth(), canvas.getHeight());
    pen.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    Glyphs glyphs = new Glyphs();
    for (int i = 0; i < images.count(); i++) {
      int x = GAP + i % columns * pitchX;
      int y = GAP + i / columns * pitchY;
      pen.drawImage(ImageCodecs.picture(images, i), x, y, cellWidth, cellHeight, null);
      List<String> lines = wrapped(prompts.get(i), cellWidth, glyphs);
      for (int line = 0; line < lines.size(); line++) {
        glyphs.draw(canvas, lines.get(line), x, y + cellHeight + line * Glyphs.LINE + 2, INK);
      }
    }
    pen.dispose();
    return new ImageGrid(canvas);
  }

  int width() {
    return picture.getWidth();
  }

  int height() {
    return picture.getHeight();
  }

  /** The picture, encoded. */
  byte[] png() {
    return ImageCodecs.png(picture);
  }

  /** Breaks a text between words; what does not fit ends in an ellipsis. */
  private static List<String> wrapped(String text, int width, Glyphs glyphs) {
    List<String> lines = new ArrayList<>();
    String line = "";
    for (String word : text.strip().split("\\s+")) {
      String longer = line.isEmpty() ? word : line + " " + word;
      if (glyphs.width(longer) > width && !line.isEmpty()) {
        lines.add(line);
        longer = word;
      }
      line = longer;
    }
    lines.add(line);
    if (lines.size() > LINES) {
      lines = lines.subList(0, LINES);
      lines.set(LINES - 1, lines.get(LINES - 1) + " …");
    }
    lines.replaceAll(each -> shortened(each, width, glyphs));
    return lines;
  }

  private static String shortened(String line, int width, Glyphs glyphs) {
    String rest = line;
    while (glyphs.width(rest) > width) {
      int kept = Math.max(0, rest.codePointCount(0, rest.length()) - 2);
      rest = rest.substring(0, rest.offsetByCodePoints(0, kept)) + "…";
    }
    return rest;
  }
}
