package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.run.picture.Pictures;
import io.atelier.models.vision.ImageFile;
import io.atelier.models.vision.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where commands write to: looked at before the work, and what is written fits its name. */
@Timeout(240)
class OutputsTest {

  @TempDir private Path folder;

  /** A model that cannot be loaded, so that what is said first is looked at first. */
  private String broken() throws IOException {
    return TinyPipeline.changed(
            folder.resolve("broken"),
            all -> all.get("transformer_blocks.0.attn.to_q.weight").values()[5] = Float.NaN)
        .toString();
  }

  private static Cli run(List<String> command, String... more) {
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of(more));
    return Cli.run(all);
  }

  @ParameterizedTest
  @CsvSource({
    "nowhere/out, its folder does not exist; make it first",
    "file/out, is a file",
    "taken, it is a folder"
  })
  void shouldLookWhereToWriteBeforeTheWork(String place, String reason) throws IOException {
    Files.createFile(folder.resolve("file"));
    Files.createDirectories(folder.resolve("taken.png"));
    Files.createDirectories(folder.resolve("taken.safetensors"));
    String model = broken();
    String picture = folder.resolve(place + ".png").toString();
    String tensors = folder.resolve(place + ".safetensors").toString();
    String good = folder.resolve("good.png").toString();
    List<String> sample = List.of("sample", "--model", model, "--prompt", "a fox", "--out");
    for (Cli result :
        List.of(
            run(sample, picture),
            run(sample, good, "--latents-out", tensors),
            Cli.run("eval", "--model", model, "--grid", picture))) {
      String said = String.join(" ", result.err());
      assertTrue(said.contains(folder.resolve(place).toString()), said);
      assertTrue(said.contains("could not be written: "), said);
      assertTrue(said.contains(reason), said);
      assertFalse(said.contains("NaN"), said);
      assertEquals(1, result.code());
    }
    assertFalse(Files.exists(Path.of(good)), "a trial was left behind");
  }

  @Test
  void shouldLookAtAFolderBeforeTheWork() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    for (Cli result :
        List.of(
            Cli.run("export-lora", "/nowhere/run", "--out", file + "/lora"),
            Cli.run("export-lora", "/nowhere/run", "--out", file.toString()),
            Cli.run("pretrain", "--from", "/nowhere/model", "--out", file + "/pretrained"))) {
      String said = String.join(" ", result.err());
      assertTrue(said.contains(file + " is a file, not a folder"), said);
      assertFalse(said.contains("nowhere"), said);
      assertEquals(1, result.code());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"x.webp", "x", "x.png.bak", ".png/x.pt"})
  void shouldRefuseANameThatSaysNoKindOfPicture(String name) throws IOException {
    String out = folder.resolve(name).toString();
    String model = broken();
    for (Cli result :
        List.of(
            Cli.run("sample", "--model", model, "--prompt", "a fox", "--out", out),
            Cli.run("eval", "--model", model, "--grid", out),
            Cli.run(
                "sample",
                "--model",
                model,
                "--prompt",
                "a fox",
                "--out",
                folder + "/x.png",
                "--latents-out",
                out))) {
      assertTrue(result.err().get(0).contains(out + ": "), result.err().get(0));
      assertTrue(result.err().get(0).contains("give it such a name"), result.err().get(0));
      assertEquals(2, result.code());
    }
  }

  private Images sampled(String name) throws IOException {
    Path out = folder.resolve(name);
    Cli result =
        Cli.run(
            "sample",
            "--threads",
            "1",
            "--steps",
            "2",
            "--model",
            TinyPipeline.path().toString(),
            "--prompt",
            "a fox",
            "--out",
            out.toString());
    assertEquals(0, result.code(), result.err().toString());
    return ImageFile.read(out).image();
  }

  @ParameterizedTest
  @ValueSource(strings = {"x.jpg", "x.JPEG", "x.y.Jpg"})
  void shouldWriteAJpegOfHighQualityWhereTheNameSaysSo(String name) throws IOException {
    Images exact = sampled("exact.PNG");
    Images jpeg = sampled(name);
    byte[] file = Files.readAllBytes(folder.resolve(name));
    assertEquals((byte) 0xff, file[0]);
    assertEquals((byte) 0xd8, file[1]);
    double sum = 0;
    for (int i = 0; i < exact.rgb().length; i++) {
      sum += Math.abs((exact.rgb()[i] & 255) - (jpeg.rgb()[i] & 255));
    }
    assertTrue(sum / exact.rgb().length < 5, "mean difference " + sum / exact.rgb().length);
  }

  private List<String> eval() throws IOException {
    Path references = Files.createDirectories(folder.resolve("references"));
    for (int i = 0; i < 3; i++) {
      byte[] rgb = new byte[3 * 64 * 64];
      rgb[i] = (byte) 200;
      Pictures.write(new Images(1, 64, 64, rgb), 0, references.resolve(i + ".png"));
    }
    Path prompts = Files.writeString(folder.resolve("prompts.txt"), "a fox\na cat\n");
    return List.of(
        "eval",
        "--threads",
        "1",
        "--model",
        TinyPipeline.path().toString(),
        "data.prompts=" + prompts,
        "data.references=" + references,
        "evaluation.prompts=2",
        "evaluation.shown=2",
        "evaluation.group-size=2",
        "evaluation.steps=2");
  }

  /** {@code --version} in a shell that sends its output elsewhere: exit code and errors. */
  private Cli version(String elsewhere) throws IOException, InterruptedException {
    Path err = folder.resolve("err");
    String script = "set -o pipefail; \"$0\" \"$@\" " + elsewhere;
    List<String> command = new ArrayList<>(List.of("bash", "-c", script));
    command.addAll(AtelierJvm.command("128m", List.of(), List.of("--version")));
    Process child = new ProcessBuilder(command).redirectError(err.toFile()).start();
    return new Cli(child.waitFor(), "", Files.readAllLines(err));
  }

  @Test
  void shouldFailWhenItsOutputIsLost() throws IOException, InterruptedException {
    Cli lost = version("> /dev/full");
    assertEquals(1, lost.code());
    assertEquals(
        List.of(
            "atelier: not all of this command's output could be written: No space left on device"),
        lost.err());
  }

  @Test
  void shouldNotMindAReaderThatHasReadEnough() throws IOException, InterruptedException {
    Cli version = version("| true");
    assertEquals(List.of(), version.err());
    assertEquals(0, version.code());
  }

  @Test
  void shouldPrintTheFigureThoughThePictureCannotBeWritten() throws IOException {
    Path grid = Files.createSymbolicLink(folder.resolve("grid.png"), Path.of("/dev/full"));
    Cli result = run(eval(), "--grid", grid.toString());
    assertTrue(result.out().contains("kid"), result.out());
    String last = result.err().get(result.err().size() - 1);
    assertTrue(last.contains("disk full: " + grid), result.err().toString());
    assertEquals(1, result.code());
  }

  @Test
  void shouldMeasureAtTheSizeOfTheRollout() throws IOException {
    Path grid = folder.resolve("grid.jpg");
    Cli result =
        run(eval(), "--grid", grid.toString(), "rollout.height=32", "rollout.width=96", "--json");
    assertEquals(0, result.code(), result.err().toString());
    // Two images with 12 pixels around each and their captions beneath; 96 is doubled, so is 32.
    Images read = ImageFile.read(grid).image();
    assertEquals(12 + 2 * (192 + 12), read.width());
    assertEquals(12 + 64 + 3 * 16 + 12, read.height());
  }

  @Test
  void shouldSayThatABaseIsMeasuredAlone() {
    Cli result = Cli.run("eval", "--base", "--grid", folder + "/x.png");
    assertTrue(
        result.err().get(0).contains("leave out --lora, --grid and --reward"), result.err().get(0));
    assertEquals(2, result.code());
  }

  @Test
  void shouldNotMindTheSizeOfReferencesThatNobodyLooksAt() {
    List<String> plan = new ArrayList<>(List.of("plan", "model.path=" + TinyPipeline.path()));
    plan.addAll(TinyPipeline.SHORT);
    plan.addAll(List.of("rollout.height=32", "rollout.width=32"));
    Cli refused = Cli.run(plan);
    assertEquals(2, refused.code());
    assertTrue(refused.err().get(0).contains("3d are 64 x 64 pixels"), refused.err().get(0));
    Cli unused = run(plan, "reward.adversarial.weight=0", "reward.jpeg.weight=1");
    assertEquals(0, unused.code(), unused.err().toString());
  }
}
