package io.atelier.actors.run.picture;

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
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Draws the letters that {@link Glyphs} reads, from DejaVu Sans of this machine. Run by hand:
 * {@code DrawGlyphs FOLDER} writes {@code glyphs.png} and {@code glyphs.txt} there.
 */
final class DrawGlyphs {

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    Font font = new Font("DejaVu Sans", Font.PLAIN, 12);
    List<Integer> characters =
        Stream.of(
                IntStream.rangeClosed(0x20, 0x7e),
                IntStream.rangeClosed(0xa1, 0x17f),
                IntStream.rangeClosed(0x386, 0x3ce),
                IntStream.rangeClosed(0x400, 0x45f),
                "–—‘’“”•…€™".codePoints())
            .flatMap(IntStream::boxed)
            .filter(font::canDisplay)
            .toList();
    int rows = (characters.size() + Glyphs.COLUMNS - 1) / Glyphs.COLUMNS;
    BufferedImage atlas =
        new BufferedImage(
            Glyphs.COLUMNS * Glyphs.CELL, rows * Glyphs.CELL, BufferedImage.TYPE_BYTE_GRAY);
    Graphics2D pen = atlas.createGraphics();
    pen.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    pen.setFont(font);
    pen.setColor(Color.WHITE);
    FontMetrics metrics = pen.getFontMetrics();
    StringBuilder widths = new StringBuilder();
    for (int i = 0; i < characters.size(); i++) {
      String letter = Character.toString(characters.get(i));
      int x = i % Glyphs.COLUMNS * Glyphs.CELL;
      int y = i / Glyphs.COLUMNS * Glyphs.CELL;
      pen.setClip(x, y, Glyphs.CELL, Glyphs.CELL);
      pen.drawString(letter, x + Glyphs.BEARING, y + Glyphs.BASELINE);
      widths.append("%d %d\n".formatted(characters.get(i), metrics.stringWidth(letter)));
    }
    pen.dispose();
    Files.write(folder.resolve("glyphs.png"), ImageCodecs.png(atlas));
    Files.writeString(folder.resolve("glyphs.txt"), widths);
  }
}
