package io.atelier.actors.run.picture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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

  /** 24 of 512 pixels: eight cells of 242 and nine gaps of 12 are 2044. */
  @Test
  void shouldMakeLargeImagesSmaller() throws IOException {
    List<String> prompts = Collections.nCopies(24, "x");
    ImageGrid grid = ImageGrid.within(plain(24, 512, 250, 128, 3), prompts, 2048);
    assertEquals(2044, grid.width());
    assertEquals(12 + 3 * (242 + 12 + 3 * 16), grid.height());
    BufferedImage picture = decode(grid);
    assertEquals(0xfa8003, picture.getRGB(2044 - 12 - 1, 12 + 241) & 0xffffff);
    assertEquals(0xffffff, picture.getRGB(2044 - 12, 12) & 0xffffff);
  }

  /** 13 rows of 96 and 60 pixels are 2028; of 400 images 16 rows of 67 pixels fit. */
  @Test
  void shouldMakeManyImagesSmallerAndLeaveTheLastOut() {
    ImageGrid many = ImageGrid.within(plain(100, 64, 1, 2, 3), Collections.nCopies(100, ""), 2048);
    assertEquals(12 + 8 * (96 + 12), many.width());
    assertEquals(12 + 13 * (96 + 60), many.height());
    ImageGrid most = ImageGrid.within(plain(400, 8, 1, 2, 3), Collections.nCopies(400, ""), 2048);
    assertEquals(12 + 16 * (67 + 60), most.height());
  }

  @Test
  void shouldLeaveASmallGridAsItIs() throws IOException {
    Images images = EmojiPack.load().images(EmojiStyle.FLAT, List.of(1, 2, 3));
    List<String> prompts = List.of("one", "two", "three");
    assertArrayEquals(
        ImageGrid.of(images, prompts).png(), ImageGrid.within(images, prompts, 2048).png());
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
