package io.atelier.models.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Pictures that Pillow wrote, against the values that Pillow reads; {@code make_pictures.py} beside
 * them says how both were made.
 */
class ImageFileTest {

  @TempDir private Path folder;

  private static Path picture(String name) {
    try {
      return Path.of(ImageFileTest.class.getResource("pictures/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static List<String> pictures() throws IOException {
    try (Stream<Path> files = Files.list(picture("rgb.png").getParent())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".rgb"))
          .map(name -> name.substring(0, name.length() - ".rgb".length()))
          .sorted()
          .toList();
    }
  }

  /** Largest difference to Pillow; another WebP decoder gives other colours at sharp edges. */
  private static int tolerance(String name) {
    if (name.equals("lossy.webp")) {
      return 3;
    }
    return name.contains("cmyk") || name.contains("ycck") ? 2 : name.contains("alpha") ? 1 : 0;
  }

  @ParameterizedTest
  @MethodSource("pictures")
  void shouldGiveTheValuesThatPillowGives(String name) throws IOException {
    ByteBuffer expected = ByteBuffer.wrap(Files.readAllBytes(picture(name + ".rgb")));
    Images image = ImageFile.read(picture(name)).image();
    assertEquals(expected.getShort(), image.height());
    assertEquals(expected.getShort(), image.width());
    int worst = 0;
    for (byte value : image.rgb()) {
      worst = Math.max(worst, Math.abs((value & 255) - (expected.get() & 255)));
    }
    assertTrue(worst <= tolerance(name), "differs by " + worst);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rgb.png",
        "gray16-alpha.png",
        "palette.gif",
        "rgb.bmp",
        "rgb.jpg",
        "gray.jpg",
        "cmyk.jpg",
        "rgb-progressive.jpg",
        "rgb.webp",
        "lossy.webp",
        "rgb-alpha.webp"
      })
  void shouldRefuseAFileThatIsCutOffAnywhere(String name) throws IOException {
    byte[] whole = Files.readAllBytes(picture(name));
    for (int percent = 0; percent <= 99; percent += 3) {
      Path cut = folder.resolve(name);
      Files.write(cut, Arrays.copyOf(whole, whole.length * percent / 100));
      assertThrows(IOException.class, () -> ImageFile.read(cut), percent + " % of it");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"rgb.png", "gray16.png", "palette.png"})
  void shouldRefuseAPngWithAWrongByte(String name) throws IOException {
    byte[] bytes = Files.readAllBytes(picture(name));
    for (int at = 33; at < bytes.length - 12; at += 7) {
      byte[] wrong = bytes.clone();
      wrong[at] ^= 4;
      Path file = Files.write(folder.resolve(name), wrong);
      assertThrows(IOException.class, () -> ImageFile.read(file), "byte " + at);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"rgb.webp", "rgb.jpg", "palette.gif", "rgb.bmp", "rgb.png"})
  void shouldKnowAPictureByItsContent(String name) throws IOException {
    Path other = Files.copy(picture(name), folder.resolve("picture.jpg"));
    assertEquals(20, ImageFile.read(other).image().width());
  }

  @ParameterizedTest
  @ValueSource(strings = {"moving.gif", "moving.webp"})
  void shouldSayThatOnlyTheFirstOfSeveralPicturesIsRead(String name) throws IOException {
    assertEquals(
        List.of("only the first of its 3 pictures is read"), ImageFile.read(picture(name)).notes());
    assertEquals(List.of(), ImageFile.read(picture("rgb-alpha.webp")).notes());
  }

  @Test
  void shouldSayThatAnOrientationCannotBeRead() throws IOException {
    byte[] bytes = Files.readAllBytes(picture("turned-6.jpg"));
    int at = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("Exif") + 6;
    byte[] other = bytes.clone();
    other[at + 8 + 2 + 9] = 9; // big-endian value of the first entry
    ImageFile odd = ImageFile.read(Files.write(folder.resolve("odd.jpg"), other));
    assertEquals(
        List.of("its EXIF orientation is 9, not 1 to 8, so it is not turned"), odd.notes());
    other = bytes.clone();
    other[at + 7] = 100; // where the entries begin
    ImageFile cut = ImageFile.read(Files.write(folder.resolve("cut.jpg"), other));
    assertEquals(List.of("its EXIF data is cut off, so it is not turned"), cut.notes());
    assertEquals(20, cut.image().width());
  }

  @ParameterizedTest
  @ValueSource(strings = {"30000x30000", "200000x900", "1x178956971"})
  void shouldLookAtTheSizeBeforeThePixels(String size) throws IOException {
    String[] edge = size.split("x");
    Path file = folder.resolve("large.png");
    Files.write(file, emptyPng(Integer.parseInt(edge[0]), Integer.parseInt(edge[1])));
    String message = assertThrows(IOException.class, () -> ImageFile.read(file)).getMessage();
    assertEquals(
        "it has %s x %s pixels, and at most 178956970 are read; make it smaller"
            .formatted(edge[0], edge[1]),
        message);
  }

  private static byte[] emptyPng(int width, int height) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeLong(0x89504e470d0a1a0aL);
    ByteBuffer head = ByteBuffer.allocate(13).putInt(width).putInt(height);
    part(out, "IHDR", head.put((byte) 8).put((byte) 2).array());
    part(out, "IDAT", new byte[0]);
    part(out, "IEND", new byte[0]);
    return bytes.toByteArray();
  }

  private static void part(DataOutputStream out, String kind, byte[] data) throws IOException {
    byte[] name = kind.getBytes(StandardCharsets.US_ASCII);
    CRC32 sum = new CRC32();
    sum.update(name);
    sum.update(data);
    out.writeInt(data.length);
    out.write(name);
    out.write(data);
    out.writeInt((int) sum.getValue());
  }

  @Test
  void shouldSayWhatIsNoPicture() throws IOException {
    Path file = folder.resolve("a.png");
    Files.writeString(file, "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n");
    assertEquals(
        "it is a pointer of Git LFS; fetch the image with: git lfs pull",
        assertThrows(IOException.class, () -> ImageFile.read(file)).getMessage());
    Files.writeString(file, "<!DOCTYPE html>");
    assertEquals(
        "it is not a PNG, JPEG, WebP, BMP or GIF",
        assertThrows(IOException.class, () -> ImageFile.read(file)).getMessage());
    Files.write(file, new byte[0]);
    assertEquals(
        "it is empty", assertThrows(IOException.class, () -> ImageFile.read(file)).getMessage());
    assertEquals(
        "there is no such file",
        assertThrows(IOException.class, () -> ImageFile.read(folder.resolve("b.png")))
            .getMessage());
  }
}
