package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code sample --run}: a prompt by the base and by a run, kept in its folder. */
@Timeout(300)
class RunSampleTest {

  @TempDir Path folder;
  private TinyRuns runs;

  @BeforeEach
  void name() {
    runs = new TinyRuns(folder);
  }

  private List<JsonNode> lines(Path run) throws IOException {
    ObjectMapper json = new ObjectMapper();
    return Files.readAllLines(run.resolve("samples.jsonl")).stream()
        .map(
            line -> {
              try {
                return json.readTree(line);
              } catch (IOException e) {
                throw new AssertionError(line, e);
              }
            })
        .toList();
  }

  private static byte[] picture(Path run, JsonNode line, String by, int image) throws IOException {
    return Files.readAllBytes(
        run.resolve(
            line.get("images").get(by.equals("base") ? image : 4 + image).get("file").asText()));
  }

  @Test
  void shouldDrawByTheBaseAndByTheNewestCheckpointFromTheSameNoise() throws IOException {
    Path run = folder.resolve("run");
    Cli.done(
        runs.command(
            "train", "run", "run.steps=1", "learner.learning-rate=0.05", "evaluation.steps=3"));
    Cli first =
        Cli.done("sample", "--run=" + run, "--prompt", "a red fox", "--seed=7", "--threads=1");
    assertTrue(first.out().contains("after step 1"), first.out());
    Cli.done("sample", "--run=" + run, "--prompt=a red fox", "--seed=7", "--threads=1");
    Cli.done("sample", "--run=" + run, "--prompt=a red fox", "--threads=1");
    List<JsonNode> lines = lines(run);
    assertEquals(3, lines.size());
    JsonNode drawn = lines.get(0);
    assertEquals(1, drawn.get("checkpoint").asInt());
    assertEquals("a red fox", drawn.get("prompt").asText());
    assertEquals("7", drawn.get("seed").asText());
    assertEquals(3, drawn.get("steps").asInt());
    assertEquals(64, drawn.get("width").asInt());
    assertEquals("samples/0001/base-0.png", drawn.get("images").get(0).get("file").asText());
    for (int i = 0; i < 4; i++) {
      byte[] base = picture(run, drawn, "base", i);
      byte[] now = picture(run, drawn, "now", i);
      assertFalse(Arrays.equals(base, now), "image " + i + " is the base's");
      assertArrayEquals(base, picture(run, lines.get(1), "base", i), "the same seed");
      assertArrayEquals(now, picture(run, lines.get(1), "now", i), "the same seed");
      assertFalse(Arrays.equals(base, picture(run, lines.get(2), "base", i)), "seed 0");
    }
    Path alone = folder.resolve("alone.png");
    Cli.done(
        "sample",
        "--model=" + TinyPipeline.path(),
        "--prompt=a red fox",
        "--seed=7",
        "--steps=3",
        "--guidance=" + drawn.get("guidance").asText(),
        "--height=64",
        "--t5-length=128",
        "--threads=1",
        "--out=" + alone);
    assertAlike(Files.readAllBytes(alone), picture(run, drawn, "base", 0));
    Cli verified = Cli.done("verify", run.toString());
    assertTrue(verified.out().lines().anyMatch("verified"::equals), verified.out());
  }

  /** Several images of a call have other last bits than one alone. */
  private static void assertAlike(byte[] one, byte[] other) throws IOException {
    BufferedImage a = ImageIO.read(new ByteArrayInputStream(one));
    BufferedImage b = ImageIO.read(new ByteArrayInputStream(other));
    for (int y = 0; y < a.getHeight(); y++) {
      for (int x = 0; x < a.getWidth(); x++) {
        for (int shift = 0; shift < 24; shift += 8) {
          int difference = (a.getRGB(x, y) >> shift & 255) - (b.getRGB(x, y) >> shift & 255);
          assertTrue(Math.abs(difference) <= 1, "pixel %d, %d".formatted(x, y));
        }
      }
    }
  }

  @Test
  void shouldNameWhatIsWrong() throws IOException {
    Path run = folder.resolve("run");
    Cli.done(runs.command("train", "run", "run.steps=1"));
    Path checkpoint = run.resolve("checkpoints/step-000001");
    refuse(2, "Missing required option: '--prompt'", "--run=" + run);
    refuse(2, "--out does not go with --run", "--run=" + run, "--prompt=p", "--out=a.png");
    refuse(2, "--steps does not go with --run", "--run=" + run, "--prompt=p", "--steps=3");
    refuse(2, "is a checkpoint, in which nothing is kept", "--run=" + checkpoint, "--prompt=p");
    refuse(2, "nor a run folder with one", "--run=" + folder, "--prompt=p");
    refuse(2, "is too long", "--run=" + run, "--prompt=" + "fox ".repeat(400));
    refuse(2, "--compute does not go with", "--run=" + run, "--prompt=p", "--compute=bfloat16");
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Path samples = Files.createSymbolicLink(run.resolve("samples"), elsewhere);
    refuse(1, "samples is a link", "--run=" + run, "--prompt=p", "--threads=1");
    assertEquals(0, Files.list(elsewhere).count());
    Files.delete(samples);
    assertFalse(Files.exists(run.resolve("samples.jsonl")));
    assertFalse(Files.exists(run.resolve("samples")));
  }

  private static void refuse(int code, String why, String... arguments) {
    List<String> command = new ArrayList<>(List.of("sample"));
    command.addAll(List.of(arguments));
    Cli refused = Cli.run(command);
    assertEquals(code, refused.code(), refused.err().toString());
    assertTrue(refused.err().toString().contains(why), refused.err().toString());
  }
}
