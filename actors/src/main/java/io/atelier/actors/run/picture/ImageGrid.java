package io.atelier.actors.run.picture;

import io.atelier.models.vision.Filter;
import io.atelier.models.vision.ImageCodecs;
import io.atelier.models.vision.Images;
import io.atelier.models.vision.Resize;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/**
 * Images in a grid, each with its prompt below.
 *
 * @param picture the rendered grid
 */
public record ImageGrid(BufferedImage picture) {

  /** Least width of a cell, in pixels, so that a prompt is legible below a 64-pixel image. */
  private static final int CELL = 128;

  private static final int GAP = 12;
  private static final int LINES = 3;
  private static final int INK = 0x333333;
  private static final int PAPER = 0xffffff;
  private static final int LARGEST_COLUMNS = 8;

  /** Most pixel rows and columns of a grid that a run keeps. */
  public static final int SIDE = 2048;

  /** Images are not made smaller than this to fit more of them, in pixels. */
  private static final int SMALLEST = 64;

  /**
   * How images are laid out.
   *
   * @param width of a cell without its gap, in pixels
   * @param height of its image
   * @param columns cells per row
   * @param rows cells per column
   * @param cells number of cells
   */
  private record Layout(int width, int height, int columns, int rows, int cells) {

    static Layout of(Images images) {
      int scale = Math.max(1, (CELL + images.width() - 1) / images.width());
      int columns = Math.min(LARGEST_COLUMNS, images.count());
      int rows = (images.count() + columns - 1) / columns;
      return new Layout(
          images.width() * scale, images.height() * scale, columns, rows, images.count());
    }

    int wide() {
      return GAP + columns * (width + GAP);
    }

    int high() {
      return GAP + rows * pitch();
    }

    int pitch() {
      return height + LINES * Glyphs.LINE + GAP;
    }

    /** This layout, scaled down and with fewer rows if necessary. */
    public Layout within(int side) {
      if (wide() <= side && high() <= side) {
        return this;
      }
      double broad = ((side - GAP) / columns - GAP) / (double) width;
      int left = rows;
      double factor;
      do {
        int most = (side - GAP) / left - GAP - LINES * Glyphs.LINE;
        factor = Math.min(1, Math.min(broad, most / (double) height));
      } while (factor * Math.min(width, height) < SMALLEST && --left > 0);
      left = Math.max(1, left);
      return new Layout(
          Math.max(1, (int) (width * factor)),
          Math.max(1, (int) (height * factor)),
          columns,
          left,
          Math.min(cells, left * columns));
    }
  }

  /**
   * Draws a grid.
   *
   * @param images the images, enlarged by an integer factor if they are small
   * @param prompts one for each image
   */
  static ImageGrid of(Images images, List<String> prompts) {
    return of(images, prompts, Layout.of(images));
  }

  /**
   * Draws a grid of at most {@code side} pixel rows and columns: images are scaled down to fit, and
   * the last ones are left out if the images would become too small.
   */
  public static ImageGrid within(Images images, List<String> prompts, int side) {
    return of(images, prompts, Layout.of(images).within(side));
  }

  private static ImageGrid of(Images images, List<String> prompts, Layout layout) {
    if (prompts.size() != images.count()) {
      throw new IllegalArgumentException(
          "%d images but %d prompts".formatted(images.count(), prompts.size()));
    }
    BufferedImage canvas =
        new BufferedImage(layout.wide(), layout.high(), BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = canvas.createGraphics();
    pen.setColor(new Color(PAPER));
    pen.fillRect(0, 0, canvas.getWidth(), canvas.getHeight());
    pen.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    Glyphs glyphs = new Glyphs();
    for (int i = 0; i < layout.cells(); i++) {
      int x = GAP + i % layout.columns() * (layout.width() + GAP);
      int y = GAP + i / layout.columns() * layout.pitch();
      pen.drawImage(cell(images, i, layout), x, y, layout.width(), layout.height(), null);
      List<String> lines = wrapped(prompts.get(i), layout.width(), glyphs);
      for (int line = 0; line < lines.size(); line++) {
        int below = y + layout.height() + line * Glyphs.LINE + 2;
        glyphs.draw(canvas, lines.get(line), x, below, INK);
      }
    }
    pen.dispose();
    return new ImageGrid(canvas);
  }

  private static BufferedImage cell(Images images, int index, Layout layout) {
    if (layout.width() >= images.width()) {
      return ImageCodecs.picture(images, index);
    }
    Images small =
        Resize.pillow(images.get(index), layout.height(), layout.width(), Filter.BICUBIC);
    return ImageCodecs.picture(small, 0);
  }

  public int width() {
    return picture.getWidth();
  }

  public int height() {
    return picture.getHeight();
  }

  /** The picture, encoded. */
  public byte[] png() {
    return ImageCodecs.png(picture);
  }

  /** Breaks a text between words; text that does not fit is cut with an ellipsis. */
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
