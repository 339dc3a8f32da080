package io.atelier.actors.run;

import io.atelier.models.vision.Images;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;

/** Images as PNG files. */
public final class Pictures {

  private Pictures() {}

  /** Writes image {@code index} of a batch, pixel for pixel. */
  public static void write(Images images, int index, Path file) {
    write(encode(picture(images, index)), file);
  }

  /** Writes a grid of images with their prompts beneath. */
  public static void writeGrid(Images images, List<String> prompts, Path file) {
    write(ImageGrid.of(images, prompts).png(), file);
  }

  private static void write(byte[] png, Path file) {
    try {
      Files.write(file, png);
    } catch (IOException e) {
      throw new WriteFailedException(file, e);
    }
  }

  static BufferedImage picture(Images images, int index) {
    BufferedImage picture =
        new BufferedImage(images.width(), images.height(), BufferedImage.TYPE_INT_RGB);
    byte[] rgb = images.rgb();
    int at = index * images.stride();
    for (int y = 0; y < images.height(); y++) {
      for (int x = 0; x < images.width(); x++) {
        int pixel = (rgb[at] & 0xff) << 16 | (rgb[at + 1] & 0xff) << 8 | rgb[at + 2] & 0xff;
        picture.setRGB(x, y, pixel);
        at += 3;
      }
    }
    return picture;
  }

  static byte[] encode(BufferedImage picture) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(picture, "png", bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
