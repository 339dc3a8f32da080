package io.atelier.models.vision;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Iterator;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.spi.IIOServiceProvider;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * The codecs of PNG, JPEG, WebP, BMP and GIF that this project uses. Several may be registered for
 * one format, in no fixed order, so each is selected by its provider. Nothing here needs a folder
 * for temporary files.
 */
public final class ImageCodecs {

  private static final String JDK = "com.sun.imageio.";
  private static final String TWELVE_MONKEYS = "com.twelvemonkeys.";
  private static final String JPEG_METADATA = "javax_imageio_jpeg_image_1.0";

  private ImageCodecs() {}

  static ImageReader reader(String format) {
    String library = format.equals("webp") ? TWELVE_MONKEYS : JDK;
    return first(
        ImageIO.getImageReadersByFormatName(format),
        format,
        each -> from(library, each.getOriginatingProvider()));
  }

  private static ImageWriter writer(String format) {
    return first(
        ImageIO.getImageWritersByFormatName(format),
        format,
        each -> from(JDK, each.getOriginatingProvider()));
  }

  private static boolean from(String library, IIOServiceProvider provider) {
    return provider.getClass().getName().startsWith(library);
  }

  private interface Choice<T> {
    boolean takes(T codec);
  }

  private static <T> T first(Iterator<T> codecs, String format, Choice<T> choice) {
    while (codecs.hasNext()) {
      T codec = codecs.next();
      if (choice.takes(codec)) {
        return codec;
      }
    }
    throw new IllegalStateException(
        "no codec for %s is on the class path; rebuild the project".formatted(format));
  }

  /** Decodes a PNG resource of the program. */
  public static BufferedImage decodePng(InputStream png) throws IOException {
    ImageReader reader = reader("png");
    try (MemoryCacheImageInputStream in = new MemoryCacheImageInputStream(png)) {
      reader.setInput(in, true, true);
      return reader.read(0);
    } finally {
      reader.dispose();
    }
  }

  /** Image {@code index} of a batch, as a buffered image. */
  public static BufferedImage picture(Images images, int index) {
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

  /** A PNG, pixel for pixel. */
  public static byte[] png(BufferedImage picture) {
    ImageWriter writer = writer("png");
    return encode(writer, picture, null, writer.getDefaultWriteParam());
  }

  /**
   * A JPEG.
   *
   * @param quality 0 to 1
   * @param fullColour whether colour has as many samples as brightness; otherwise a quarter, as
   *     usual
   */
  public static byte[] jpeg(BufferedImage picture, float quality, boolean fullColour) {
    ImageWriter writer = writer("jpeg");
    ImageWriteParam param = writer.getDefaultWriteParam();
    param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
    param.setCompressionQuality(quality);
    IIOMetadata metadata = fullColour ? fullColour(writer, picture, param) : null;
    return encode(writer, picture, metadata, param);
  }

  private static IIOMetadata fullColour(
      ImageWriter writer, BufferedImage picture, ImageWriteParam param) {
    IIOMetadata metadata =
        writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(picture), param);
    Element root = (Element) metadata.getAsTree(JPEG_METADATA);
    NodeList components = root.getElementsByTagName("componentSpec");
    for (int i = 0; i < components.getLength(); i++) {
      Element component = (Element) components.item(i);
      component.setAttribute("HsamplingFactor", "1");
      component.setAttribute("VsamplingFactor", "1");
    }
    try {
      metadata.setFromTree(JPEG_METADATA, root);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return metadata;
  }

  private static byte[] encode(
      ImageWriter writer, BufferedImage picture, IIOMetadata metadata, ImageWriteParam param) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(picture, null, metadata), param);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }
}
