package io.atelier.actors.compute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.atelier.actors.run.picture.Pictures;
import io.atelier.models.vision.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class ImageFolderTest {

  @TempDir private Path folder;
  @TempDir private Path cache;

  private final Logger log = (Logger) LoggerFactory.getLogger(ImageFolder.class);
  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();

  @BeforeEach
  void listen() {
    logged.start();
    log.addAppender(logged);
  }

  @AfterEach
  void leave() {
    log.detachAppender(logged);
  }

  private List<String> warnings() {
    return logged.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  /** A picture of one gray value. */
  private Path picture(String name, int value) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    byte[] rgb = new byte[3 * 16 * 16];
    Arrays.fill(rgb, (byte) value);
    Pictures.write(new Images(1, 16, 16, rgb), 0, file);
    return file;
  }

  private int[] values() {
    Images images = read(8, 8);
    int[] values = new int[images.count()];
    for (int i = 0; i < values.length; i++) {
      values[i] = images.rgb()[i * images.stride()] & 255;
    }
    return values;
  }

  private Images read(int height, int width) {
    ImageFiles files = new ImageFiles(ImageFolder.images(folder), height, width);
    return files.checked(new ReferenceCache(cache, "1")).slice(0, files.count());
  }

  private String refusal(int height, int width) {
    return assertThrows(IllegalArgumentException.class, () -> read(height, width)).getMessage();
  }

  @Test
  void shouldReadTheFoldersInAFolder() throws IOException {
    picture("dogs/a.png", 40);
    picture("cats/old/b.png", 30);
    picture("cats/a.png", 10);
    picture("x.png/b.png", 50); // a folder with the name of a picture
    assertEquals("[10, 30, 40, 50]", Arrays.toString(values()));
    assertEquals(List.of(), warnings());
    assertEquals(
        List.of("cats/a.png", "cats/old/b.png", "dogs/a.png", "x.png/b.png"),
        ImageFolder.files(folder).stream().map(f -> folder.relativize(f).toString()).toList());
  }

  @Test
  void shouldPassOverWhatToolsLeaveBehind() throws IOException {
    picture("a.png", 10);
    picture("b.png", 20);
    Files.write(folder.resolve("._a.png"), new byte[100]);
    Files.write(folder.resolve(".DS_Store"), new byte[10]);
    Files.move(picture("c/a.png", 30).getParent(), folder.resolve(".ipynb_checkpoints"));
    picture("@eaDir/a.png/SYNOPHOTO_THUMB_M.png", 40);
    assertEquals("[10, 20]", Arrays.toString(values()));
    assertEquals(List.of(), warnings());
  }

  @Test
  void shouldNameALinkThatGoesInACircle() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("again"), folder);
    String said = assertThrows(IllegalArgumentException.class, () -> read(8, 8)).getMessage();
    assertTrue(said.contains(link + " cannot be listed: it is a link to a folder"), said);
  }

  @Test
  void shouldNameALinkThatLeadsNowhere() throws IOException {
    picture("a.png", 10);
    Path link = Files.createSymbolicLink(folder.resolve("b.png"), folder.resolve("gone.png"));
    String said = refusal(8, 8);
    assertTrue(
        said.startsWith(
            "data.references: image %s cannot be read (it does not exist);".formatted(link)),
        said);
  }

  @Test
  void shouldNameAndCountWhatIsNotRead() throws IOException {
    picture("a.png", 10);
    picture("b.png", 20);
    Files.createDirectory(folder.resolve("more"));
    for (int i = 0; i < 12; i++) {
      Files.createFile(folder.resolve("more/%02d.avif".formatted(i)));
    }
    Files.createFile(folder.resolve("a.txt"));
    assertEquals("[10, 20]", Arrays.toString(values()));
    assertEquals(1, warnings().size());
    String warning = warnings().get(0);
    assertTrue(warning.contains("13 of 15 files in " + folder + " are not read"), warning);
    assertTrue(warning.contains(": a.txt, more/00.avif, more/01.avif,"), warning);
    assertTrue(warning.endsWith("more/08.avif and 3 more"), warning);
  }

  @ParameterizedTest
  @ValueSource(strings = {"photo.heic", "scan.tif", "captions.json"})
  void shouldSayWhatAFolderWithoutImagesHas(String name) throws IOException {
    Files.createFile(folder.resolve(name));
    String message = refusal(8, 8);
    assertTrue(message.contains("has 0 images, at least 2 are needed"), message);
    assertTrue(message.endsWith("not read are " + name), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"b.jfif", "b.JPE", "b.webp", "b.gif"})
  void shouldReadAPictureByItsContent(String name) throws IOException {
    picture("a.png", 10);
    Files.move(picture("c.jpg", 20), folder.resolve(name));
    assertEquals("[10, 20]", Arrays.toString(values()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"b.jpg", "b.png", "b.webp"})
  void shouldRefuseHalfAPictureWithItsPath(String name) throws IOException {
    picture("a.png", 10);
    Path whole = picture(name.endsWith(".png") ? "c.png" : "c.jpg", 20);
    byte[] bytes = Files.readAllBytes(whole);
    Files.delete(whole);
    Files.write(folder.resolve(name), Arrays.copyOf(bytes, bytes.length - 20));
    String message = refusal(8, 8);
    assertTrue(message.contains("image " + folder.resolve(name) + " cannot be read ("), message);
    assertTrue(message.contains("cut off"), message);
  }

  /** The files are empty: a size that no image can have is refused before one is read. */
  @ParameterizedTest
  @CsvSource({"30000, 30000, 2700000000", "1, 999999999, 2999999997"})
  void shouldSayHowMuchTooLargeAReferenceTakes(int height, int width, long bytes)
      throws IOException {
    Files.createFile(folder.resolve("a.png"));
    Files.createFile(folder.resolve("b.png"));
    String message = refusal(height, width);
    assertTrue(
        message.contains(
            "1 images of %d x %d pixels take %d bytes, and a set can have 2147483639"
                .formatted(height, width, bytes)),
        message);
  }

  @ParameterizedTest
  @CsvSource({"20000, 1, 1024", "1, 30000, 512", "9000, 2, 1024"})
  void shouldRefuseToEnlargeAStrip(int width, int height, int size) throws IOException {
    Pictures.write(
        new Images(1, height, width, new byte[3 * width * height]), 0, folder.resolve("b.png"));
    picture("c.png", 10);
    long wide = (long) size * width / Math.min(width, height);
    long high = (long) size * height / Math.min(width, height);
    String message = refusal(size, size);
    assertTrue(message.contains("b.png has %d x %d pixels".formatted(width, height)), message);
    assertTrue(message.contains("enlarged to %d x %d".formatted(wide, high)), message);
  }

  @Test
  void shouldSayWhichPicturesAreOfAnotherSizeEveryTime() throws IOException {
    Logger files = (Logger) LoggerFactory.getLogger(ImageFiles.class);
    files.addAppender(logged);
    try {
      picture("a.png", 10);
      picture("b.png", 20);
      Pictures.write(new Images(1, 16, 32, new byte[3 * 16 * 32]), 0, folder.resolve("c.png"));
      Pictures.write(new Images(1, 4, 4, new byte[48]), 0, folder.resolve("d.png"));
      List<String> all =
          List.of(
              "data.references: 1 of 4 images are smaller than the rollout's 8 x 8 pixels: %s/d.png (4 x 4) and are enlarged, which leaves them blurred"
                  .formatted(folder),
              "data.references: 1 of 4 images are of another shape than the rollout's 8 x 8 pixels: %s/c.png (32 x 16) and are cut to the middle"
                  .formatted(folder),
              "data.references: 2 of 4 images are larger than the rollout's 8 x 8 pixels: %s/a.png (16 x 16), %s/b.png (16 x 16) and are made smaller"
                  .formatted(folder, folder));
      read(8, 8);
      assertEquals(all, warnings());
      logged.list.clear();
      read(8, 8); // which has what was found in its cache
      assertEquals(all, warnings());
      logged.list.clear();
      read(4, 4);
      assertEquals(2, warnings().size(), "nothing is enlarged to 4 x 4");
      logged.list.clear();
      Path before = folder;
      folder = Files.move(before, cache.resolve("moved"));
      read(8, 8);
      assertEquals(
          all.stream().map(line -> line.replace("" + before, "" + folder)).toList(),
          warnings(),
          "by where they lie now");
      folder = Files.move(folder, before);
    } finally {
      files.detachAppender(logged);
    }
  }
}
