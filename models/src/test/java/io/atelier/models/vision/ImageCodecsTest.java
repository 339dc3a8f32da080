package io.atelier.models.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageCodecsTest {

  @TempDir private Path folder;

  /** Red and blue columns in turn: all of their detail is in colour. */
  private static Images stripes() {
    byte[] rgb = new byte[3 * 32 * 32];
    for (int i = 0; i < 32 * 32; i++) {
      rgb[3 * i + i % 2 * 2] = (byte) 200;
    }
    return new Images(1, 32, 32, rgb);
  }

  private Images read(byte[] file) throws IOException {
    return ImageFile.read(Files.write(folder.resolve("picture"), file)).image();
  }

  private static double difference(Images a, Images b) {
    double sum = 0;
    for (int i = 0; i < a.rgb().length; i++) {
      sum += Math.abs((a.rgb()[i] & 255) - (b.rgb()[i] & 255));
    }
    return sum / a.rgb().length;
  }

  @Test
  void shouldWriteEveryPixelOfAPng() throws IOException {
    byte[] file = ImageCodecs.png(ImageCodecs.picture(stripes(), 0));
    assertArrayEquals(stripes().rgb(), read(file).rgb());
  }

  @Test
  void shouldKeepTheColoursOfAJpegThatIsLookedAt() throws IOException {
    Images full = read(ImageCodecs.jpeg(ImageCodecs.picture(stripes(), 0), 0.95f, true));
    Images usual = read(ImageCodecs.jpeg(ImageCodecs.picture(stripes(), 0), 0.95f, false));
    assertTrue(difference(stripes(), full) < 5, "full: " + difference(stripes(), full));
    assertTrue(difference(stripes(), usual) > 30, "usual: " + difference(stripes(), usual));
  }
}
