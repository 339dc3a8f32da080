package io.atelier.models.vision;

import io.atelier.models.vision.ImageContainer.Inks;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.IIOException;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * A picture from a file, with the values that Pillow's {@code convert("RGB")} gives: colour
 * profiles are not applied, gray stays gray, 16-bit samples are cut to their upper 8 bits, CMYK is
 * converted by {@code (255 - C)(255 - K) / 255}. It is rotated according to its EXIF data, and
 * transparent pixels are put on white. In a lossy WebP, which stores colours for four pixels at
 * once, they are not smoothed as in Pillow, so they differ at edges.
 *
 * @param image the one image
 * @param notes parts of the file that were ignored, in words; empty if none
 */
public record ImageFile(Images image, List<String> notes) {

  /** Maximum pixels of a picture; Pillow treats more as an attack. */
  public static final long LARGEST_PIXELS = 178_956_970;

  private static final long LARGEST_BYTES = 1L << 30;

  /**
   * Reads a PNG, JPEG, WebP, BMP or GIF file, recognised by its content.
   *
   * @throws IOException if it is another kind of file, damaged, cut off or too large; the message
   *     says which
   */
  public static ImageFile read(Path file) throws IOException {
    try {
      if (Files.size(file) > LARGEST_BYTES) {
        throw new IOException(
            "it has %d bytes, and at most %d are read".formatted(Files.size(file), LARGEST_BYTES));
      }
      return of(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      throw new IOException("there is no such file", e);
    }
  }

  /**
   * Reads the content of such a file.
   *
   * @throws IOException as {@link #read} does
   */
  public static ImageFile of(byte[] file) throws IOException {
    return decode(ImageContainer.of(file));
  }

  private static ImageFile decode(ImageContainer container) throws IOException {
    List<String> notes = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    String format = container.format();
    boolean moves = format.equals("gif") || format.equals("webp");
    ImageReader reader = ImageCodecs.reader(format);
    Images image;
    try (MemoryCacheImageInputStream in =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(container.bytes()))) {
      reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
      reader.setInput(in, false, true);
      requireSize(reader.getWidth(0), reader.getHeight(0));
      if (moves && reader.getNumImages(true) > 1) {
        notes.add("only the first of its %d pictures is read".formatted(reader.getNumImages(true)));
      }
      image =
          container.inks() == Inks.NONE
              ? rgb(reader.read(0))
              : FourColours.rgb(reader.readRaster(0, null), container.inks() == Inks.YCCK);
    } catch (IIOException | EOFException | RuntimeException e) { // RuntimeException of any kind
      throw new IOException(
          "it is damaged or cut off" + (e instanceof IIOException ? ": " + e.getMessage() : ""), e);
    } finally {
      reader.dispose();
    }
    for (String warning : warnings) {
      requireHarmless(warning);
    }
    return new ImageFile(Orientation.turned(image, orientation(container, notes)), notes);
  }

  private static void requireSize(int width, int height) throws IOException {
    if ((long) width * height > LARGEST_PIXELS) {
      throw new IOException(
          "it has %d x %d pixels, and at most %d are read; make it smaller"
              .formatted(width, height, LARGEST_PIXELS));
    }
  }

  /**
   * A JPEG decoder only warns when it makes up pixels. Extra bytes between segments are harmless.
   */
  private static void requireHarmless(String warning) throws IOException {
    boolean corrupt = warning.contains("Corrupt JPEG data") && !warning.contains("extraneous");
    if (corrupt || warning.contains("Truncated File") || warning.contains("Premature end")) {
      throw new IOException("it is damaged or cut off: " + warning);
    }
  }

  private static int orientation(ImageContainer container, List<String> notes) {
    if (container.exif().isEmpty()) {
      return Orientation.UPRIGHT;
    }
    try {
      return Orientation.of(container.exif().get());
    } catch (IOException e) {
      notes.add(e.getMessage() + ", so it is not turned");
      return Orientation.UPRIGHT;
    }
  }

  /** The stored samples. {@code BufferedImage.getRGB} would treat gray and CMYK as linear light. */
  private static Images rgb(BufferedImage picture) throws IOException {
    ColorModel model = picture.getColorModel();
    Raster raster = picture.getRaster();
    int width = picture.getWidth();
    byte[] rgb = new byte[Images.bytes(1, picture.getHeight(), width)];
    int bands = raster.getNumBands();
    int colours = bands - (model.hasAlpha() ? 1 : 0);
    boolean palette = model instanceof IndexColorModel;
    if (!palette && colours != 1 && colours != 3) {
      throw new IOException("its %d colour channels are neither gray nor RGB".formatted(colours));
    }
    int[] row = new int[width * bands];
    int at = 0;
    for (int y = 0; y < picture.getHeight(); y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      for (int x = 0; x < width; x++) {
        int argb = palette ? model.getRGB(row[x]) : 0;
        int alpha = 255;
        if (model.hasAlpha()) {
          int last = x * bands + colours;
          alpha = palette ? argb >>> 24 : byteOf(row[last], model.getComponentSize(colours));
        }
        for (int c = 0; c < 3; c++) {
          int band = colours == 1 ? 0 : c;
          int value =
              palette
                  ? argb >> 16 - 8 * c & 0xff
                  : byteOf(row[x * bands + band], model.getComponentSize(band));
          rgb[at++] = (byte) ((value * alpha + 255 * (255 - alpha) + 127) / 255);
        }
      }
    }
    return new Images(1, picture.getHeight(), width, rgb);
  }

  /** A sample of {@code bits} bits on the scale 0..255. */
  private static int byteOf(int sample, int bits) {
    return bits >= 8 ? sample >> bits - 8 : sample * 255 / ((1 << bits) - 1);
  }
}
