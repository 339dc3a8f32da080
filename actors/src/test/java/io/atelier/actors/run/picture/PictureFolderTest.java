package io.atelier.actors.run.picture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.actors.port.PictureSink.Pictured;
import io.atelier.actors.report.GroupPictures;
import io.atelier.actors.run.file.Fence;
import io.atelier.actors.run.file.Json;
import io.atelier.actors.run.metrics.TrainedGroups;
import io.atelier.models.files.Sha256;
import io.atelier.reward.PlaceLogits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PictureFolderTest {

  private static final int BYTES = 1_000;
  private static final long PLENTY = 1 << 20;

  @TempDir Path parent;
  private Path root;

  @BeforeEach
  void setUp() {
    root = parent.resolve("pictures");
  }

  private PictureFolder open(int trained, long limit) {
    PictureFolder folder = new PictureFolder(root, trained, limit, 0, Fence.NONE);
    folder.begin();
    return folder;
  }

  /** What stands for the picture of one image. */
  private static byte[] picture(int step, int image) {
    return Arrays.copyOf(ByteBuffer.allocate(8).putInt(step).putInt(image).array(), BYTES);
  }

  private static Pictured group(
      int step, SortedMap<String, SortedMap<String, PlaceLogits>> places) {
    return new Pictured(
        TrainedGroups.of(step - 1, 1),
        Optional.of(
            new GroupPictures(48, 64, List.of(picture(step, 0), picture(step, 1)), places)));
  }

  /** Two pictures for each of these steps. */
  private static void keep(PictureFolder folder, int from, int to) {
    for (int step = from; step <= to; step++) {
      folder.keep(step, List.of(group(step, new TreeMap<>())));
    }
  }

  private List<JsonNode> index() throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(root.resolve("index.jsonl"))) {
      lines.add(Json.MAPPER.readTree(line));
    }
    return lines;
  }

  private static String name(byte[] picture) {
    String hash = Sha256.of(picture);
    return hash.substring(0, 2) + "/" + hash + ".jpg";
  }

  /** Steps of which a picture is there. */
  private List<Integer> there(int steps) {
    return IntStream.rangeClosed(1, steps)
        .filter(step -> Files.exists(root.resolve(name(picture(step, 0)))))
        .boxed()
        .toList();
  }

  @Test
  void shouldSayOfAPictureWhatIsPromised() throws IOException {
    float[] logits = {1, 2, 3, 4, 0.12345f, Float.NaN, -1, -2.5f};
    try (PictureFolder folder = open(0, PLENTY)) {
      folder.keep(
          12,
          List.of(
              new Pictured(TrainedGroups.of(11, 0), Optional.empty()),
              group(
                  12,
                  new TreeMap<>(
                      Map.of(
                          "adversarial",
                          new TreeMap<>(Map.of("mid", new PlaceLogits(2, 2, logits))))))));
    }
    String best = name(picture(12, 1));
    JsonNode expected =
        Json.MAPPER.readTree(
            """
            {"step": 12, "group": "11.1", "attempt": 0, "image": 1, "why": "best", "file": "%s",
             "width": 64, "height": 48,
             "places": {"adversarial": {"mid": {"rows": 2, "columns": 2,
                                                "logits": [0.123, null, -1.0, -2.5]}}}}
            """
                .formatted(best));
    List<JsonNode> lines = index();
    assertEquals(2, lines.size());
    assertEquals("worst", lines.get(0).get("why").asText());
    assertEquals(expected, lines.get(1));
    assertArrayEquals(picture(12, 1), Files.readAllBytes(root.resolve(best)));
  }

  @Test
  void shouldKeepTheLastFiftyStepsAndEveryTenthBefore() throws IOException {
    try (PictureFolder folder = open(0, PLENTY)) {
      keep(folder, 1, 75);
    }
    List<Integer> expected = new ArrayList<>(List.of(10, 20));
    IntStream.rangeClosed(26, 75).forEach(expected::add);
    assertEquals(expected, there(75));
    assertEquals(150, index().size(), "what is deleted is still told of");
  }

  @Test
  void shouldLetTheOldestGoFirstWhereThereIsNoRoom() throws IOException {
    try (PictureFolder folder = open(0, 5 * BYTES)) {
      keep(folder, 1, 4);
      assertFalse(Files.exists(root.resolve(name(picture(2, 0)))), "the first of step 2");
      assertTrue(Files.exists(root.resolve(name(picture(2, 1)))));
      assertEquals(List.of(3, 4), there(4));
    }
    try (PictureFolder folder = open(4, 2 * BYTES)) { // with less
      assertEquals(List.of(4), there(4));
      keep(folder, 5, 5);
    }
    assertEquals(List.of(5), there(5));
  }

  @Test
  void shouldForgetWhatARunThatGoesOnHasNotTrained() throws IOException {
    try (PictureFolder folder = open(0, PLENTY)) {
      keep(folder, 1, 3);
    }
    Files.writeString(root.resolve("index.jsonl"), "{\"step\":3,\"gro", StandardOpenOption.APPEND);
    Path own = Files.createDirectories(root.resolve("ab")).resolve("mine.jpg");
    Files.writeString(own, "a person's");
    try (PictureFolder folder = open(2, PLENTY)) {
      assertEquals(List.of(1, 2), there(3));
      keep(folder, 3, 3);
    }
    assertEquals(List.of(1, 2, 3), there(3));
    assertEquals(
        List.of(1, 1, 2, 2, 3, 3), index().stream().map(line -> line.get("step").asInt()).toList());
    assertTrue(Files.exists(own));
  }

  /** Two images of one content are one file, which stays with the newer. */
  @Test
  void shouldKeepOneContentOnce() throws IOException {
    try (PictureFolder folder = open(0, 2 * BYTES)) {
      keep(folder, 1, 1);
      folder.keep(2, List.of(group(1, new TreeMap<>())));
      keep(folder, 3, 3);
    }
    List<JsonNode> lines = index();
    assertEquals(lines.get(0).get("file"), lines.get(2).get("file"));
    assertEquals(List.of(3), there(3));
    try (Stream<Path> files = Files.walk(root)) {
      assertEquals(2, files.filter(file -> file.toString().endsWith(".jpg")).count());
    }
  }

  @Test
  void shouldLeaveAFolderAloneWhereNoPicturesAreMade() throws IOException {
    open(0, 0).close();
    assertFalse(Files.exists(root));
    try (PictureFolder folder = open(0, PLENTY)) {
      keep(folder, 1, 3);
    }
    open(2, 0).close();
    assertEquals(4, index().size());
    assertEquals(List.of(1, 2), there(3));
  }

  @Test
  void shouldNotFailByALineThatCannotBeRead() throws IOException {
    Files.createDirectories(root);
    Files.writeString(root.resolve("index.jsonl"), "{\"step\":1,what?\n{\"step\":2}\n");
    try (PictureFolder folder = open(2, PLENTY)) {
      keep(folder, 3, 3);
    }
    assertEquals(List.of(3), there(3));
  }
}
