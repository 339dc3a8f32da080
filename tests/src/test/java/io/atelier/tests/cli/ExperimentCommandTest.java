package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.record.RunVerification;
import io.atelier.models.assets.EmojiStyle;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Experiments with real runs, each in a process of its own, on the tiny model. */
@Timeout(300)
class ExperimentCommandTest {

  private static final int STEPS = 2;

  @TempDir Path folder;
  private OwnData data;
  private Path out;

  @BeforeEach
  void writeData() throws IOException {
    data = OwnData.write(folder.resolve("data"), EmojiStyle.THREE_D);
    out = folder.resolve("out");
  }

  /** Two arms of two steps, measured at the start and at the end. */
  private Path experiment() throws IOException {
    List<String> settings = new ArrayList<>(data.settings());
    settings.addAll(List.of("run.steps=" + STEPS, "evaluation.every=2", "evaluation.steps=1"));
    settings.addAll(List.of("evaluation.prompts=2", "evaluation.shown=2"));
    String text =
        """
        question = "Do small images pay?"
        seeds = [3]
        settings {
          %s
        }
        arms {
          critic {}
          jpeg { reward.adversarial.weight = 0, reward.jpeg.weight = 1 }
        }
        thresholds = [
          { says = "it pays", value { arm = jpeg, of = "reward/jpeg" }, below = 0, over = each }
          { says = "it is no critic", value { arm = jpeg, of = "critic/accuracy" }, at-least = 0 }
          { says = "no two are alike", value { arm = critic, of = diversity }, at-most = 0 }
        ]
        """
            .formatted(String.join("\n  ", settings));
    return Files.writeString(folder.resolve("small.conf"), text);
  }

  private Cli run() throws IOException {
    return Cli.run("experiment", experiment().toString(), "--out", out.toString());
  }

  private List<Path> runs() throws IOException {
    try (Stream<Path> all = Files.list(out.resolve("runs"))) {
      return all.filter(Files::isDirectory).sorted().toList();
    }
  }

  private static JsonNode summary(Path run) throws IOException {
    return new ObjectMapper().readTree(new RunFiles(run).summary().toFile());
  }

  private List<String> page() throws IOException {
    return Files.readAllLines(out.resolve("small.md"));
  }

  @Test
  void shouldMakeWhatIsMissingAndJudgeIt() throws IOException {
    Cli first = run();
    assertEquals(0, first.code(), () -> first.out() + first.err());
    assertEquals(2, runs().size());
    for (Path run : runs()) {
      assertEquals(List.of(), RunVerification.of(new RunFiles(run)).problems());
      assertEquals(STEPS, summary(run).get("steps").asInt());
    }
    List<String> page = page();
    assertTrue(first.out().contains(String.join("\n", page)), first.out());
    assertEquals("## small", page.get(0));
    assertTrue(
        page.stream()
            .anyMatch(l -> l.matches("\\| it pays \\| seed 3: -\\.0\\d+ \\| \\*\\*met\\*\\* \\|")));
    assertTrue(
        page.stream()
            .anyMatch(
                l ->
                    l.matches(
                        "\\| it is no critic \\| seed 3: arm jpeg measures no .* \\| \\*\\*not measured\\*\\* \\|")));
    assertTrue(
        page.stream()
            .anyMatch(
                l -> l.matches("\\| no two are alike \\| \\.\\d+ \\| \\*\\*not met\\*\\* \\|")));
    assertEquals(1, page.stream().filter(l -> l.startsWith("| base |")).count(), "" + page);
    assertTrue(Files.readString(out.resolve("small.svg")).startsWith("<svg "));

    // One run was killed after its first step, and something is in the way of another.
    Path critic = runs().stream().filter(ExperimentCommandTest::learns).findFirst().orElseThrow();
    Path jpeg = runs().stream().filter(run -> !run.equals(critic)).findFirst().orElseThrow();
    String hash = summary(critic).get("policyHash").asText();
    kill(critic);
    Files.move(jpeg, folder.resolve("elsewhere"));
    Files.writeString(Files.createDirectory(jpeg).resolve("notes.txt"), "in the way");
    Cli second = run();
    assertEquals(1, second.code(), second.out());
    assertTrue(second.out().contains("critic, seed 3: resuming after step 1"), second.out());
    assertEquals(hash, summary(critic).get("policyHash").asText());
    assertTrue(page().contains("Runs that are not done:"), () -> second.out());
    assertTrue(second.out().contains("- jpeg, seed 3: exit code 2: "), second.out());
    assertTrue(second.out().contains("| it pays | seed 3: arm jpeg: exit code 2"));

    // All is there, and nothing is done again.
    Files.delete(jpeg.resolve("notes.txt"));
    Files.delete(jpeg);
    Files.move(folder.resolve("elsewhere"), jpeg);
    Path file = folder.resolve("all.md");
    Files.write(file, List.of("# All", "", "## small", "old", "## other", "kept"));
    Cli third =
        Cli.run(
            "experiment", experiment().toString(), "--out", "" + out, "--write", file.toString());
    assertEquals(0, third.code(), third.out());
    assertTrue(third.out().startsWith("2 run(s) are done already"), third.out());
    assertFalse(third.out().contains("begins in"), third.out());
    List<String> all = Files.readAllLines(file);
    assertFalse(all.contains("old"));
    assertEquals(List.of("## other", "kept"), all.subList(all.size() - 2, all.size()));
    assertTrue(all.contains("![small](all/small.svg)"), "" + all);
    assertTrue(Files.exists(folder.resolve("all/small.svg")));
  }

  private static boolean learns(Path run) {
    try {
      return Files.readString(new RunFiles(run).metrics()).contains("critic/accuracy");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As it is on the disk after its first step. */
  private void kill(Path run) throws IOException {
    Files.delete(new RunFiles(run).summary());
    Files.move(
        new RunFiles(run).checkpoints().resolve("step-000002"), folder.resolve("last-checkpoint"));
  }

  @Test
  void shouldMeasureAModelThatIsNotTrained() throws IOException {
    Path file = experiment();
    String text = Files.readString(file);
    int from = text.indexOf("arms {");
    Files.writeString(
        folder.resolve("base.conf"),
        text.substring(0, from)
            + """
            arms { base { train = false } }
            thresholds = [ { says = "it is far", value { arm = base, of = kidReference }, above = 0 } ]
            """);
    Cli result = Cli.run("experiment", "" + folder.resolve("base.conf"), "--out", "" + out);
    assertEquals(0, result.code(), result.out());
    assertTrue(result.out().contains("**met**"), result.out());
    assertTrue(
        result.out().lines().anyMatch(l -> l.matches("\\| base \\| 1 \\| .*\\d.*")), result.out());
  }

  /** A command may measure what a run has trained, and a file is made before what names it. */
  @Test
  void shouldMeasureByCommands() throws IOException {
    String text = Files.readString(experiment());
    int from = text.indexOf("arms {");
    String measured =
        data.settings().stream()
                .filter(setting -> setting.matches("(data\\..*|rollout\\.(height|width)=.*)"))
                .collect(Collectors.joining(" "))
            + " evaluation.prompts=2 evaluation.shown=2 evaluation.steps=1 --model "
            + data.model();
    Path file =
        Files.writeString(
            folder.resolve("chain.conf"),
            text.substring(0, from)
                + """
                files { "head.safetensors" = "artifact --pairs none.jsonl --out {out}" }
                arms {
                  again { command = "eval --json --lora {run.learns} %s" }
                  silent { command = "verify {run.learns}" }
                  guarded { reward.artifact { weight = 1, head = "{head.safetensors}" } }
                  learns {}
                }
                thresholds = [
                  {
                    says = "the same"
                    value { arm = again, of = kidReference }
                    less { arm = learns, of = kidReference }
                    at-least = -1e-9
                    at-most = 1e-9
                  }
                ]
                """
                    .formatted(measured));
    Cli result = Cli.run("experiment", file.toString(), "--out", out.toString());
    assertEquals(1, result.code(), result.out());
    List<String> said = result.out().lines().toList();
    assertTrue(said.contains("- silent, seed 3: verify printed no line of JSON; give it --json"));
    assertTrue(said.contains("- guarded, seed 3: needs head.safetensors, which is not done"));
    assertTrue(
        said.stream().anyMatch(l -> l.matches("head.safetensors .*exit code 2: .*none.jsonl.*")));
    assertTrue(
        said.stream().anyMatch(l -> l.matches("\\| the same \\| .*\\*\\*met.*")), result.out());
  }

  @Test
  void shouldStopWithACheckpointWhenItsInputEnds() throws Exception {
    List<String> arguments = new ArrayList<>(List.of("train", "--stop-with-input"));
    arguments.addAll(data.settings());
    arguments.addAll(List.of("run.steps=100000", "run.dir=" + out));
    Process run =
        new ProcessBuilder(AtelierJvm.command("1g", List.of(), arguments))
            .redirectErrorStream(true)
            .start();
    try (BufferedReader said = run.inputReader()) {
      List<String> lines = new ArrayList<>();
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        lines.add(line);
        if (line.startsWith("step 1 ")) {
          run.outputWriter().close();
        }
      }
      assertTrue(run.waitFor(60, TimeUnit.SECONDS));
      assertEquals(130, run.exitValue(), () -> String.join("\n", lines));
      String last = lines.get(lines.size() - 1);
      assertTrue(last.startsWith("stopped after step "), last);
    } finally {
      run.destroyForcibly();
    }
  }

  @Test
  void shouldListWhatThereIs() {
    Cli list = Cli.done("experiment", "list", "--seeds", "1,2", "--out", out.toString());
    assertTrue(
        list.out().lines().anyMatch(l -> l.matches("fixed-reward +4 x 2 +8 +72 +Is a reward.*")),
        list.out());
    assertFalse(Files.exists(out), "listing writes nothing");
    Cli unknown = Cli.run("experiment", "fixed-rewards");
    assertEquals(2, unknown.code());
    assertTrue(unknown.err().get(0).contains("did you mean fixed-reward?"), "" + unknown.err());
    assertEquals(2, Cli.run("experiment", "list", "base").code());
    assertEquals(2, Cli.run("experiment", "base", "--seeds", "1,1").code());
    assertEquals(2, Cli.run("experiment", "base", "--parallel", "-1").code());
  }
}
