package io.atelier.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.assets.EmojiPack;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.models.vision.Images;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class ImageGridTest {

  private static Images plain(int count, int size, int red, int green, int blue) {
    byte[] rgb = new byte[count * size * size * 3];
    for (int i = 0; i < rgb.length; i += 3) {
      rgb[i] = (byte) red;
      rgb[i + 1] = (byte) green;
      rgb[i + 2] = (byte) blue;
    }
    return new Images(count, size, size, rgb);
  }

  private static BufferedImage decode(ImageGrid grid) throws IOException {
    BufferedImage picture = ImageIO.read(new ByteArrayInputStream(grid.png()));
    assertEquals(grid.width(), picture.getWidth());
    assertEquals(grid.height(), picture.getHeight());
    return picture;
  }

  @Test
  void shouldEnlargeSmallImagesAndKeepTheirColour() throws IOException {
    ImageGrid grid = ImageGrid.of(plain(1, 64, 250, 128, 3), List.of("a cat"));
    BufferedImage picture = decode(grid);
    assertEquals(12 + 128 + 12, picture.getWidth());
    assertEquals(0xfa8003, picture.getRGB(12 + 64, 12 + 64) & 0xffffff);
    assertEquals(0xffffff, picture.getRGB(4, 4) & 0xffffff);
  }

  @Test
  void shouldWriteThePromptBeneathItsImage() throws IOException {
    BufferedImage with = decode(ImageGrid.of(plain(1, 64, 0, 0, 0), List.of("grinning face")));
    BufferedImage without = decode(ImageGrid.of(plain(1, 64, 0, 0, 0), List.of("")));
    int ink = 0;
    for (int y = 0; y < with.getHeight(); y++) {
      for (int x = 0; x < with.getWidth(); x++) {
        if (with.getRGB(x, y) != without.getRGB(x, y)) {
          ink++;
          assertTrue(y >= 12 + 128 && y < 12 + 128 + 20, "ink at row " + y);
          assertTrue(x >= 11 && x <= 12 + 90, "ink at column " + x);
        }
      }
    }
    assertTrue(ink > 150, "only " + ink + " pixels of ink");
  }

  @Test
  void shouldPutEightImagesInARow() {
    ImageGrid grid = ImageGrid.of(plain(9, 128, 1, 2, 3), Collections.nCopies(9, "x"));
    assertEquals(12 + 8 * (128 + 12), grid.width());
    assertEquals(12 + 2 * (128 + 12 + 3 * Glyphs.LINE), grid.height());
  }

  @Test
  void shouldStayWithinTheGridWhateverThePromptIs() throws IOException {
    String endless = "w".repeat(300);
    String wordy = "one two three ".repeat(40);
    List<String> prompts = List.of(endless, wordy, "猫 und Ärger", " ");
    BufferedImage picture = decode(ImageGrid.of(plain(4, 64, 9, 9, 9), prompts));
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int i = 0; i < 4; i++) {
        int gap = 12 + (i + 1) * (128 + 12) - 6;
        assertEquals(
            0xffffff, picture.getRGB(gap, y) & 0xffffff, "column %d row %d".formatted(gap, y));
      }
    }
  }

  @Test
  void shouldRefuseOtherNumberOfPrompts() {
    assertThrows(
        IllegalArgumentException.class, () -> ImageGrid.of(plain(2, 8, 0, 0, 0), List.of("one")));
  }

  @Test
  void shouldShowRealImages() throws IOException {
    EmojiPack pack = EmojiPack.load();
    List<Integer> concepts = IntStream.range(0, 16).map(i -> i * 97).boxed().toList();
    Images images = pack.images(EmojiStyle.THREE_D, concepts);
    List<String> prompts = concepts.stream().map(index -> pack.captions().get(index)).toList();
    ImageGrid grid = ImageGrid.of(images, prompts);
    BufferedImage picture = decode(grid);
    int changes = 0;
    for (int x = 1; x < picture.getWidth(); x++) {
      changes += picture.getRGB(x, 12 + 64) == picture.getRGB(x - 1, 12 + 64) ? 0 : 1;
    }
    assertTrue(changes > 300, "the first row shows only %d changes of colour".formatted(changes));
  }
}
