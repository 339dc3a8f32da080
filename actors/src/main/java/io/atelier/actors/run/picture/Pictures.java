package io.atelier.actors.run.picture;

import io.atelier.actors.run.file.ReadFailedException;
import io.atelier.actors.run.file.WriteFailedException;
import io.atelier.models.vision.ImageCodecs;
import io.atelier.models.vision.ImageFile;
import io.atelier.models.vision.Images;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/** Reads and writes image files; the extension of the name decides between PNG and JPEG. */
public final class Pictures {

  private static final float JPEG_QUALITY = 0.95f;
  private static final float THUMBNAIL_QUALITY = 0.85f;

  private Pictures() {}

  /** Whether a file has an extension that a picture can be written as: .png, .jpg or .jpeg. */
  public static boolean named(Path file) {
    return isPng(file) || isJpeg(file);
  }

  private static boolean isPng(Path file) {
    return name(file).endsWith(".png");
  }

  private static boolean isJpeg(Path file) {
    return name(file).endsWith(".jpg") || name(file).endsWith(".jpeg");
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
  }

  /** Writes image {@code index} of a batch; lossless as PNG. */
  public static void write(Images images, int index, Path file) {
    write(ImageCodecs.picture(images, index), file);
  }

  /** Writes a grid of images with their prompts below. */
  public static void writeGrid(Images images, List<String> prompts, Path file) {
    write(ImageGrid.of(images, prompts).picture(), file);
  }

  /**
   * A small JPEG of a PNG file as a data URI: {@code data:image/jpeg;base64,...}.
   *
   * @param side most rows and columns of the JPEG
   */
  public static String dataUri(Path png, int side) {
    BufferedImage picture;
    try (InputStream in = Files.newInputStream(png)) {
      picture = ImageCodecs.decodePng(in);
    } catch (IOException e) {
      throw new ReadFailedException(png, e);
    }
    byte[] jpeg = thumbnail(picture, side);
    return "data:image/jpeg;base64," + Base64.getEncoder().encodeToString(jpeg);
  }

  /**
   * A small JPEG of a picture in any format that {@link ImageFile} reads.
   *
   * @param side most rows and columns of the JPEG
   * @throws IOException naming what the bytes are instead
   */
  public static byte[] thumbnail(byte[] file, int side) throws IOException {
    return thumbnail(ImageCodecs.picture(ImageFile.of(file).image(), 0), side);
  }

  private static byte[] thumbnail(BufferedImage picture, int side) {
    double scale = Math.min(1, side / (double) Math.max(picture.getWidth(), picture.getHeight()));
    int width = Math.max(1, (int) (picture.getWidth() * scale));
    int height = Math.max(1, (int) (picture.getHeight() * scale));
    BufferedImage small = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D canvas = small.createGraphics();
    canvas.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    canvas.drawImage(picture, 0, 0, width, height, null);
    canvas.dispose();
    return ImageCodecs.jpeg(small, THUMBNAIL_QUALITY, false);
  }

  private static void write(BufferedImage picture, Path file) {
    if (!named(file)) {
      throw new IllegalArgumentException(
          "%s: a picture is written as .png, .jpg or .jpeg; give it such a name".formatted(file));
    }
    byte[] bytes =
        isPng(file) ? ImageCodecs.png(picture) : ImageCodecs.jpeg(picture, JPEG_QUALITY, true);
    try {
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new WriteFailedException(file, e);
    }
  }
}
