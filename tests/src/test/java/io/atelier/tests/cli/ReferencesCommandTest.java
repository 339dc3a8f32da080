package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.run.picture.ReferenceFolder;
import io.atelier.models.vision.ImageFile;
import io.atelier.models.vision.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./atelier references} on the tiny model. */
@Timeout(180)
class ReferencesCommandTest {

  @TempDir private Path folder;

  private Path out;

  @BeforeEach
  void write() throws IOException {
    out = folder.resolve("refs");
    Files.writeString(folder.resolve("prompts.txt"), "a red fox\n\ntwo \"cats\"\na red fox\n");
  }

  private Cli draw(Path to, String... more) {
    List<String> command = new ArrayList<>(List.of("references", "--threads", "1"));
    command.addAll(List.of("--model", TinyPipeline.path().toString()));
    command.addAll(List.of("--prompts", folder.resolve("prompts.txt").toString()));
    command.addAll(List.of("--out", to.toString()));
    if (!List.of(more).contains("--steps")) {
      command.addAll(List.of("--steps", "2"));
    }
    if (!List.of(more).contains("--height")) {
      command.addAll(List.of("--height", "64"));
    }
    command.addAll(List.of(more));
    return Cli.run(command);
  }

  private Cli done(Path to, String... more) {
    Cli result = draw(to, more);
    assertEquals(0, result.code(), result.err().toString());
    return result;
  }

  private List<Path> images(Path of) throws IOException {
    try (Stream<Path> files = Files.list(of.resolve("images"))) {
      return files.sorted().toList();
    }
  }

  @Test
  void shouldMakeASetThatARunTakes() throws IOException {
    Cli result = done(out, "--per-prompt", "3");
    Path set = out.resolve("prompt2img.json");
    assertTrue(result.out().contains("done: " + set + ", 2 prompts with 3 images"), result.out());
    JsonNode json = new ObjectMapper().readTree(set.toFile());
    assertEquals(List.of("a red fox", "two \"cats\""), names(json));
    assertEquals("images/00001_2.png", json.get("two \"cats\"").get(2).asText());
    assertEquals(6, images(out).size());
    Images first = ImageFile.read(out.resolve("images/00000_0.png")).image();
    assertEquals(64, first.height());
    for (String other : List.of("00000_1", "00000_2", "00001_0")) {
      Images drawn = ImageFile.read(out.resolve("images/%s.png".formatted(other))).image();
      assertFalse(Arrays.equals(first.rgb(), drawn.rgb()), other + " is the same image");
    }
    List<String> train = new ArrayList<>(List.of("train", "run.dir=" + folder.resolve("run")));
    train.add("model.path=" + TinyPipeline.path());
    train.addAll(TinyPipeline.SHORT);
    train.add("run.steps=1");
    train.add("data.prompts=" + folder.resolve("prompts.txt"));
    train.add("data.references=" + set);
    Cli trained = Cli.run(train);
    assertEquals(0, trained.code(), trained.err().toString());
  }

  @Test
  void shouldDrawWithWhatARunHasTrained() throws IOException {
    Path run = folder.resolve("trained");
    List<String> train = new ArrayList<>(List.of("train", "run.dir=" + run));
    train.add("model.path=" + TinyPipeline.path());
    train.addAll(TinyPipeline.SHORT);
    train.add("run.steps=1");
    train.add("learner.learning-rate=0.05"); // so that a byte of an image changes
    Cli.done(train);
    done(out, "--per-prompt", "1");
    Path drawn = folder.resolve("drawn");
    done(drawn, "--per-prompt", "1", "--lora", run.toString());
    assertTrue(
        Files.mismatch(out.resolve("images/00000_0.png"), drawn.resolve("images/00000_0.png"))
            >= 0);
    Cli other = draw(drawn, "--per-prompt", "1");
    assertEquals(2, other.code());
    assertTrue(other.err().get(0).contains(drawn + " was begun with lora "), other.err().get(0));
  }

  private static List<String> names(JsonNode json) {
    List<String> names = new ArrayList<>();
    json.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Test
  void shouldGoOnWhereItWasStopped() throws IOException {
    done(out, "--per-prompt", "4", "--batch", "2");
    List<byte[]> whole = contents();
    List<Path> files = images(out);
    // As a stop leaves it: of the last prompt half, and a file that was being written.
    Files.delete(out.resolve("prompt2img.json"));
    Files.delete(files.get(6));
    Files.delete(files.get(7));
    Files.write(out.resolve("images/.00001_2.png.0.part"), new byte[7]);
    FileTime old = FileTime.fromMillis(1_000_000);
    for (Path file : files.subList(0, 6)) {
      Files.setLastModifiedTime(file, old);
    }
    Cli again = done(out, "--per-prompt", "4", "--batch", "2");
    assertTrue(again.out().contains("1 of 2 prompts are drawn already"), again.out());
    assertEquals(files, images(out));
    List<byte[]> after = contents();
    for (int i = 0; i < 8; i++) {
      assertArrayEquals(whole.get(i), after.get(i), "image " + i);
      assertEquals(i < 6, Files.getLastModifiedTime(files.get(i)).equals(old), "image " + i);
    }
    assertTrue(Files.exists(out.resolve("prompt2img.json")));
    assertTrue(done(out, "--per-prompt", "4", "--batch", "2").out().contains("2 of 2 prompts"));
  }

  /** As a full disk leaves it. */
  @Test
  void shouldBeginAFolderWhoseBeginningFailed() throws IOException {
    Files.createDirectories(out);
    Files.createFile(out.resolve(".lock"));
    Files.write(out.resolve(".settings.json.0.part"), new byte[7]);
    done(out, "--per-prompt", "1");
    assertEquals(2, images(out).size());
  }

  @Test
  void shouldRefuseAFolderThatSomebodyElseHas() throws IOException {
    done(out, "--per-prompt", "1");
    Files.delete(images(out).get(0));
    Map<String, String> settings =
        new ObjectMapper()
            .readValue(out.resolve("settings.json").toFile(), new TypeReference<>() {});
    try (ReferenceFolder other = ReferenceFolder.open(out, settings)) {
      assertEquals(out.resolve("prompt2img.json"), other.set());
      refused(out + " is in use by this process", out, "--per-prompt", "1");
    }
    done(out, "--per-prompt", "1");
  }

  private List<byte[]> contents() throws IOException {
    List<byte[]> contents = new ArrayList<>();
    for (Path file : images(out)) {
      contents.add(Files.readAllBytes(file));
    }
    return contents;
  }

  /** A setting that is silent where it has its default, such as the storage. */
  @Test
  void shouldRefuseToGoOnWithoutASettingThatItWasBegunWith() {
    ReferenceFolder.open(out, Map.of("steps", "2", "storage", "float16")).close();
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> ReferenceFolder.open(out, Map.of("steps", "2")).close());
    assertTrue(e.getMessage().contains("begun with storage float16, not the default"), e::toString);
  }

  @Test
  void shouldRefuseToGoOnWithOtherSettings() throws IOException {
    done(out, "--per-prompt", "1");
    refused("steps 2, not 3", out, "--per-prompt", "1", "--steps", "3");
    refused("per-prompt 1, not 2", out, "--per-prompt", "2");
    refused("suffix", out, "--per-prompt", "1", "--suffix", ", 4K");
    Files.writeString(folder.resolve("prompts.txt"), "another\n");
    refused("prompts", out, "--per-prompt", "1");
    for (String damaged : new String[] {"null", "[]", "{\"steps\": {}}", "{"}) {
      Files.writeString(out.resolve("settings.json"), damaged);
      refused("settings.json is damaged", out, "--per-prompt", "1");
    }
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.writeString(other.resolve("thesis.tex"), "x");
    refused("is not empty", other);
    assertEquals("x", Files.readString(other.resolve("thesis.tex")));
    refused("--per-prompt 0", folder.resolve("new"), "--per-prompt", "0");
    refused("--batch 9", folder.resolve("new"), "--batch", "9");
    refused("multiples of", folder.resolve("new"), "--height", "63");
    Files.writeString(folder.resolve("prompts.txt"), "\n");
    refused("--prompts: file", folder.resolve("new"));
    assertFalse(Files.exists(folder.resolve("new")));
  }

  private void refused(String told, Path to, String... more) {
    Cli result = draw(to, more);
    assertEquals(2, result.code(), result.err().toString());
    assertTrue(result.err().get(0).contains(told), result.err().toString());
    assertFalse(String.join(" ", result.err()).contains("Exception"), result.err().toString());
  }

  @Test
  void shouldDrawTheSuffixAndLeaveItOutOfTheSet() throws IOException {
    Path plain = folder.resolve("plain");
    done(plain, "--per-prompt", "1");
    done(out, "--per-prompt", "1", "--suffix", ", on a hill");
    assertEquals(
        Files.readString(plain.resolve("prompt2img.json")),
        Files.readString(out.resolve("prompt2img.json")));
    assertNotEquals(
        -1, Files.mismatch(plain.resolve("images/00000_0.png"), out.resolve("images/00000_0.png")));
  }
}
