package io.atelier.actors.compute;

import io.atelier.models.vision.Filter;
import io.atelier.models.vision.Images;
import io.atelier.models.vision.Resize;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/** Reference images from a folder of PNG, JPEG, BMP or GIF files. */
final class ImageFolder {

  private static final Set<String> KINDS = Set.of("png", "jpg", "jpeg", "bmp", "gif");

  private ImageFolder() {}

  /**
   * All images of a folder in the order of their names, cut to the middle and resized.
   *
   * @param height rows of the result, in pixels
   * @param width columns of the result, in pixels
   */
  static Images read(Path folder, int height, int width) {
    List<Path> files = files(folder);
    if (files.size() < 2) {
      throw new IllegalArgumentException(
          "data.references: folder %s has %d images, at least 2 are needed (%s)"
              .formatted(
                  folder, files.size(), String.join(", ", KINDS.stream().sorted().toList())));
    }
    return Images.concat(
        files.stream().map(file -> fitted(file, height, width)).toArray(Images[]::new));
  }

  /** The files that {@link #read} reads, in the order of their names. */
  static List<Path> files(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(ImageFolder::isImage).sorted().toList();
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "data.references: folder %s cannot be listed: %s".formatted(folder, e), e);
    }
  }

  private static boolean isImage(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return KINDS.contains(name.substring(name.lastIndexOf('.') + 1));
  }

  private static Images image(Path file) {
    BufferedImage picture;
    try {
      picture = ImageIO.read(file.toFile());
    } catch (IOException | RuntimeException e) { // decoders throw all kinds on damaged files
      throw new IllegalArgumentException(
          "data.references: image %s cannot be read (%s); replace or remove it"
              .formatted(file, e.getMessage()),
          e);
    }
    if (picture == null) {
      throw new IllegalArgumentException(
          "data.references: image %s cannot be read (not an image); replace or remove it"
              .formatted(file));
    }
    byte[] rgb = new byte[3 * picture.getWidth() * picture.getHeight()];
    int at = 0;
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        int argb = picture.getRGB(x, y);
        int alpha = argb >>> 24;
        for (int shift = 16; shift >= 0; shift -= 8) {
          int value = argb >> shift & 0xff;
          rgb[at++] = (byte) ((value * alpha + 255 * (255 - alpha) + 127) / 255); // on white
        }
      }
    }
    return new Images(1, picture.getHeight(), picture.getWidth(), rgb);
  }

  private static Images fitted(Path file, int height, int width) {
    Images image = image(file);
    double scale = Math.max((double) height / image.height(), (double) width / image.width());
    int rows = Math.max(height, (int) Math.round(scale * image.height()));
    int columns = Math.max(width, (int) Math.round(scale * image.width()));
    return Resize.centreCrop(Resize.pillow(image, rows, columns, Filter.BICUBIC), height, width);
  }
}
