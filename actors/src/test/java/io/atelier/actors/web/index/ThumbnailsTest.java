package io.atelier.actors.web.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.run.picture.Pictures;
import io.atelier.models.vision.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThumbnailsTest {

  @TempDir Path folder;

  /** A picture whose colours a PNG cannot make small. */
  private byte[] picture(int seed) throws IOException {
    byte[] rgb = new byte[200 * 200 * 3];
    int state = seed;
    for (int i = 0; i < rgb.length; i++) {
      state = state * 1_103_515_245 + 12_345;
      rgb[i] = (byte) (state >> 16);
    }
    Path file = folder.resolve(seed + ".png");
    Pictures.write(new Images(1, 200, 200, rgb), 0, file);
    return Files.readAllBytes(file);
  }

  @Test
  void shouldMakeOnceWhatHasTheSameContent() throws IOException {
    Thumbnails thumbnails = new Thumbnails(1 << 20);
    byte[] first = thumbnails.of(picture(1), 64).orElseThrow();
    assertEquals(first, thumbnails.of(picture(1).clone(), 64).orElseThrow());
    assertEquals(1, thumbnails.made());
    thumbnails.of(picture(1), 128);
    thumbnails.of(picture(2), 64);
    assertEquals(3, thumbnails.made());
  }

  @Test
  void shouldKeepNoMoreThanItMay() throws IOException {
    int size = new Thumbnails(1 << 20).of(picture(1), 64).orElseThrow().length;
    Thumbnails thumbnails = new Thumbnails(2L * size + size / 2);
    for (int seed : new int[] {1, 2, 1, 3}) {
      thumbnails.of(picture(seed), 64); // 3 pushes out 2, which was wanted longest ago
    }
    assertEquals(3, thumbnails.made());
    thumbnails.of(picture(1), 64);
    assertEquals(3, thumbnails.made());
    thumbnails.of(picture(2), 64);
    assertEquals(4, thumbnails.made());
  }

  @Test
  void shouldLeaveSmallPicturesAsTheyAre() throws IOException {
    Path file = folder.resolve("flat.png");
    Pictures.write(new Images(1, 8, 8, new byte[192]), 0, file);
    byte[] flat = Files.readAllBytes(file);
    assertTrue(flat.length < 300, "a JPEG of it is larger");
    assertEquals(Optional.empty(), new Thumbnails(1 << 20).of(flat, 512));
  }
}
