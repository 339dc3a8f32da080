package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.run.picture.Pictures;
import io.atelier.models.vision.Images;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a terminal shows while text encoders and encoders of references work. */
@Timeout(120)
class TextProgressTest {

  /** Text encoders of less than 512 MiB stay in memory and are fast. */
  private static final long LARGE = 513L << 20;

  private static final String ENCODING = "prompt(s), once; the text encoders are freed afterwards";

  @TempDir static Path folder;
  private static Path model;

  /** The small model beside a file with a hole, which counts as one of its text encoders'. */
  @BeforeAll
  static void makeModel() throws IOException {
    model = TinyPipeline.changed(folder.resolve("model"), tensors -> {});
    Path file = model.resolve("tokenizer/notes.txt");
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      out.write(ByteBuffer.allocate(1), LARGE);
    }
  }

  /** Words that no run before had, so that their features are in no cache. */
  private static String words(String more) {
    return folder.getFileName() + " " + more;
  }

  private static List<String> sample(String prompt) {
    Cli result =
        Cli.run(
            List.of(
                "sample",
                "--model=" + model,
                "--threads=1",
                "--steps=2",
                "--prompt=" + prompt,
                "--out=" + folder.resolve("x.png")));
    assertEquals(0, result.code(), () -> String.join("\n", result.err()));
    return result.err();
  }

  @Test
  void shouldShowOnceThatAPromptIsEncoded() {
    List<String> first = sample(words("fox"));
    assertTrue(
        first.stream()
            .anyMatch(
                line -> line.startsWith("atelier: encoding ") && line.endsWith(" " + ENCODING)),
        first::toString);
    assertTrue(first.stream().anyMatch(line -> line.endsWith("prompts are encoded")));
    List<String> second = sample(words("fox"));
    assertTrue(second.stream().noneMatch(line -> line.contains("encod")), second::toString);
  }

  /** References that no run before had, so that nothing of them is in a cache. */
  @Test
  void shouldShowOnceThatReferencesAreEncoded() throws IOException {
    Path references = Files.createDirectory(folder.resolve("references"));
    for (int i = 0; i < 3; i++) {
      byte[] rgb = new byte[3 * 64 * 64];
      new Random(folder.hashCode() + i).nextBytes(rgb);
      Pictures.write(new Images(1, 64, 64, rgb), 0, references.resolve(i + ".png"));
    }
    Path prompts = Files.writeString(folder.resolve("two.txt"), "a fox\na cat\n");
    List<String> command =
        List.of(
            "eval",
            "--threads=1",
            "--model=" + TinyPipeline.path(),
            "data.prompts=" + prompts,
            "data.references=" + references,
            "evaluation.prompts=2",
            "evaluation.shown=1",
            "evaluation.group-size=2",
            "evaluation.steps=2");
    Cli first = Cli.run(command);
    assertEquals(0, first.code(), () -> String.join("\n", first.err()));
    assertTrue(
        first.err().stream()
            .anyMatch(l -> l.startsWith("atelier: 3 of 3 references are encoded by mobilenet-v2")),
        first.err()::toString);
    Cli second = Cli.run(command);
    assertTrue(
        second.err().stream().noneMatch(line -> line.contains("references are")),
        second.err()::toString);
  }

  @Test
  void shouldShowThePassBeforeARun() throws IOException {
    Path prompts = folder.resolve("prompts.txt");
    Files.writeString(prompts, words("house") + "\n" + words("tree") + "\n");
    List<String> command = new ArrayList<>(List.of("train", "run.dir=" + folder.resolve("run")));
    command.addAll(TinyPipeline.SHORT);
    command.addAll(
        List.of(
            "run.steps=1",
            "model.path=" + model,
            "data.prompts=" + prompts,
            "reward.adversarial.weight=0",
            "reward.jpeg.weight=1"));
    Cli result = Cli.run(command);
    assertEquals(0, result.code(), () -> String.join("\n", result.err()));
    assertTrue(result.out().contains(ENCODING + "\n"), result::out);
    assertTrue(result.out().contains("prompts are encoded\n"), result::out);
  }
}
