package io.atelier.actors.compute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.config.run.DataConfig;
import io.atelier.actors.config.run.HeldOutShare;
import io.atelier.actors.config.run.TooLong;
import io.atelier.actors.run.picture.Pictures;
import io.atelier.models.vision.ImageSource;
import io.atelier.models.vision.Images;
import io.atelier.reward.adversarial.References;
import io.atelier.rollout.Prompt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReferenceFileTest {

  @TempDir private Path folder;

  /** A picture of one gray value. */
  private Path picture(String name, int value, int side) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    byte[] rgb = new byte[3 * side * side];
    Arrays.fill(rgb, (byte) value);
    Pictures.write(new Images(1, side, side, rgb), 0, file);
    return file;
  }

  private TrainingData load(String json, String prompts, String heldOut) throws IOException {
    Path references = Files.writeString(folder.resolve("set.json"), json);
    Path captions = Files.writeString(folder.resolve("prompts.txt"), prompts);
    return TrainingData.load(
        new DataConfig(
            captions.toString(),
            List.of(),
            new HeldOutShare(heldOut),
            TooLong.TRUNCATE,
            references.toString(),
            true),
        10,
        8,
        8);
  }

  private void refused(String json, String prompts, String... told) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> load(json, prompts, "0")).getMessage();
    assertTrue(message.startsWith("data.references: "), message);
    for (String part : told) {
      assertTrue(message.contains(part), () -> "\"%s\" lacks \"%s\"".formatted(message, part));
    }
    assertFalse(message.contains("Exception") || message.contains("\n"), message);
  }

  private static int value(ImageSource images, int index) {
    return images.get(index).rgb()[0] & 255;
  }

  @Test
  void shouldGiveEachPromptItsOwnImagesWhereverTheyLie() throws IOException {
    picture("a 0.png", 10, 8);
    picture("more/a1.png", 20, 8);
    Path whole = picture("elsewhere/b.png", 30, 8);
    picture("unused.png", 99, 8);
    String json =
        "{\" a cat\\u00e9\": [\"a 0.png\", \"more/a1.png\"], \"a dog\": [\"%s\"], \"x\": [\"unused.png\"]}"
            .formatted(whole);
    TrainingData data = load(json, "a dog\n\na caté \n", "0");
    assertEquals(List.of(new Prompt(0, "a dog"), new Prompt(1, "a caté")), data.prompts());
    References references = data.references();
    assertEquals(3, references.images().count(), "unused.png is of no prompt");
    assertEquals(Map.of(0, List.of(0), 1, List.of(1, 2)), references.byPrompt());
    assertEquals(30, value(references.images(), 0));
    assertEquals(10, value(references.images(), 1));
    assertEquals(20, value(references.images(), 2));
    assertTrue(data.heldOut().trained());
    assertEquals(3, data.heldOut().references().count());
  }

  @Test
  void shouldMeasureHeldOutPromptsOnTheirOwnImagesAlone() throws IOException {
    StringBuilder json = new StringBuilder("{");
    StringBuilder prompts = new StringBuilder();
    for (int i = 0; i < 30; i++) {
      picture(i + ".png", i, 8);
      picture(i + "b.png", 100 + i, 8);
      json.append(i == 0 ? "" : ",")
          .append("\"p%d\": [\"%d.png\", \"%db.png\"]".formatted(i, i, i));
      prompts.append("p").append(i).append('\n');
    }
    TrainingData data = load(json + "}", prompts.toString(), "auto");
    assertEquals(27, data.prompts().size());
    assertEquals(3, data.heldOut().prompts().size(), "a tenth");
    assertFalse(data.heldOut().trained());
    assertEquals(54, data.references().images().count());
    assertEquals(List.of(0, 0, 1, 1, 2, 2), data.heldOut().owners());
    for (int i = 0; i < 3; i++) {
      Prompt prompt = data.heldOut().prompts().get(i);
      assertFalse(data.prompts().contains(prompt));
      assertEquals(prompt.index(), value(data.heldOut().references(), 2 * i));
      assertEquals(100 + prompt.index(), value(data.heldOut().references(), 2 * i + 1));
      List<Images> own = data.heldOut().own(prompt, 2);
      assertEquals(2, own.size());
      assertEquals(prompt.index(), value(own.get(0), 0));
      assertEquals(100 + prompt.index(), value(own.get(1), 0));
      assertEquals(1, data.heldOut().own(prompt, 1).size());
    }
    assertEquals(List.of(), data.heldOut().own(data.prompts().get(0), 2), "not measured on");
    for (Prompt prompt : data.prompts()) {
      List<Integer> own = data.references().byPrompt().get(prompt.index());
      assertEquals(prompt.index(), value(data.references().images(), own.get(0)));
      assertEquals(100 + prompt.index(), value(data.references().images(), own.get(1)));
    }
  }

  @Test
  void shouldNameWhatIsWrong() throws IOException {
    picture("a.png", 1, 8);
    refused(
        "{\"a\": [\"a.png\"]}", "a\nb\nc\n", "set.json", "no images for 2 of 3", "\"b\", \"c\"");
    refused("{\"a\": [\"a.png\", \"b.png\"]}", "a", "1 of 2 images", "b.png", "relative to");
    refused("{\"a\": []}", "a", "no list of images for \"a\"");
    refused("{\"a\": \"a.png\"}", "a", "no list of images for \"a\"");
    refused("{\"a\": [3]}", "a", "3 in the list of \"a\"");
    refused("{\" \": [\"a.png\"]}", "a", "empty prompt");
    refused("{\"a\": [\"a.png\"], \"a \": [\"a.png\"]}", "a", "\"a\" twice");
    refused("{}", "a", "names no prompt");
    refused("[\"a.png\"]", "a", "not a JSON object");
    refused("{\"a\": [\"a.png\"", "a", "breaks off");
    refused(
        "{\"a\": [\"a.png\"]}\n{}", "a", "line 2 is not valid JSON: there is more after its end");
    byte[] half = Files.readAllBytes(folder.resolve("a.png"));
    Files.write(folder.resolve("b.png"), Arrays.copyOf(half, half.length - 20));
    refused("{\"a\": [\"a.png\", \"b.png\"]}", "a", folder.resolve("b.png") + " cannot be read");
    Files.writeString(folder.resolve("c.avif"), "????ftypavif");
    refused(
        "{\"a\": [\"c.avif\"]}",
        "a",
        folder.resolve("c.avif") + " cannot be read",
        "convert it to PNG");
  }

  @Test
  void shouldSayWhereAPromptWithoutImagesComesFrom() throws IOException {
    picture("a.png", 1, 8);
    Path held = Files.writeString(folder.resolve("test.txt"), "b\nc\n");
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> load("{\"a\": [\"a.png\"]}", "a", held.toString()))
            .getMessage();
    assertTrue(message.endsWith("or take these prompts out of data.held-out"), message);
  }

  @Test
  void shouldReadImagesOnlyWhenTheyAreAskedFor() throws IOException {
    Path file = picture("a.png", 10, 8);
    picture("b.png", 20, 8);
    ImageSource images = load("{\"a\": [\"a.png\", \"b.png\"]}", "a", "0").references().images();
    assertEquals(10, value(images, 0));
    picture("a.png", 50, 8);
    assertEquals(50, value(images, 0));
    Files.delete(file);
    assertEquals(20, value(images, 1));
    assertThrows(IllegalArgumentException.class, () -> images.get(0));
    assertArrayEquals(images.get(1).rgb(), images.select(new int[] {1}).rgb());
  }

  @Test
  void shouldTakeSetsThatAreLargerThanMemory() throws IOException {
    int count = 3000;
    int side = 1024;
    assertTrue(3L * count * side * side > Integer.MAX_VALUE);
    assertTrue(3L * count * side * side > Runtime.getRuntime().maxMemory());
    Path file = picture("a.png", 70, side);
    ImageSource images = new ImageFiles(Collections.nCopies(count, file), side, side);
    References references =
        new References(images, Map.of(0, IntStream.range(0, 8).boxed().toList()));
    assertEquals(count, references.images().count());
    assertEquals(70, value(images, count - 1));
    assertEquals(2, images.slice(count - 2, count).count());
  }
}
