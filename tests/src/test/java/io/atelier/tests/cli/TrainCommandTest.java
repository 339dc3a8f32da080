package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.run.picture.Pictures;
import io.atelier.models.assets.EmojiPack;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.models.vision.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole runs on the tiny model: what they leave behind, and what survives their end. */
@Timeout(180)
class TrainCommandTest {

  private static final int STEPS = 6;

  @TempDir static Path shared;
  private static Path clean;

  @TempDir Path folder;

  @BeforeAll
  static void runUndisturbed() throws IOException {
    Images images = EmojiPack.load().images(EmojiStyle.THREE_D, List.of(0, 100, 200, 300));
    Path references = Files.createDirectory(shared.resolve("references"));
    for (int i = 0; i < images.count(); i++) {
      Pictures.write(images, i, references.resolve(i + ".png"));
    }
    clean = shared.resolve("clean");
    Cli result = Cli.run(train(clean));
    assertEquals(0, result.code(), String.join("\n", result.err()));
  }

  /** A run with a critic, so that there is all that a run can have to be resumed. */
  private static List<String> train(Path run, String... more) {
    List<String> command = new ArrayList<>(List.of("train", "run.dir=" + run));
    command.add("model.path=" + TinyPipeline.path());
    command.addAll(TinyPipeline.SHORT);
    command.add("run.steps=" + STEPS);
    command.add("data.references=" + shared.resolve("references"));
    command.add("reward.jpeg.weight=0.5");
    command.addAll(List.of(more));
    return command;
  }

  private static JsonNode summary(Path run) throws IOException {
    return new ObjectMapper().readTree(run.resolve("summary.json").toFile());
  }

  private static void assertSameWeights(Path run) throws IOException {
    assertSameWeights(clean, run);
  }

  private static void assertSameWeights(Path expected, Path run) throws IOException {
    for (String key : List.of("steps", "policyHash", "criticHash", "groupsTrained")) {
      assertEquals(summary(expected).get(key), summary(run).get(key), key);
    }
  }

  private static void assertVerifies(Path run) {
    Cli verify = Cli.run("verify", run.toString());
    assertEquals(0, verify.code(), String.join("\n", verify.err()));
    assertTrue(verify.out().contains("verified"), verify.out());
  }

  @Test
  void shouldLeaveEverythingThatIsPromised() throws IOException {
    for (String name :
        List.of(
            "config.conf",
            "metrics.jsonl",
            "nodes.jsonl",
            "tensorboard",
            "images",
            "checkpoints/step-000006/manifest.json",
            "ledger",
            "trace.json",
            "report.html",
            "summary.json",
            "atelier.log")) {
      assertTrue(Files.exists(clean.resolve(name)), name);
    }
    assertEquals(STEPS, Files.readAllLines(clean.resolve("metrics.jsonl")).size());
    assertEquals(STEPS * 4, summary(clean).get("images").asInt());
    String nodes = Files.readString(clean.resolve("nodes.jsonl"));
    String computing =
        "the CPU in float32, weights as stored, libtorch 2\\.[^,]+, \\d+ thread\\(s\\) for an operation";
    assertTrue(
        nodes.matches("\\{\"node\":\"\",\"computing\":\"" + computing + "\"}\n"), () -> nodes);
    String report = Files.readString(clean.resolve("report.html"));
    assertTrue(report.contains("computing\\\":\\\""), "the report does not say");
    assertVerifies(clean);
  }

  @ParameterizedTest
  @CsvSource({"1, 0.5", "1, 0", "0.5, 0"})
  void shouldShowWhatTheCriticGivesToReferences(double adversarial, double jpeg)
      throws IOException {
    Path run = folder.resolve("run");
    Cli result =
        Cli.run(
            train(
                run,
                "run.steps=2",
                "reward.adversarial.weight=" + adversarial,
                "reward.jpeg.weight=" + jpeg));
    assertEquals(0, result.code(), String.join("\n", result.err()));
    List<String> steps = result.out().lines().filter(line -> line.startsWith("step ")).toList();
    List<String> metrics = Files.readAllLines(run.resolve("metrics.jsonl"));
    assertEquals(2, steps.size(), result.out());
    for (int i = 0; i < 2; i++) {
      JsonNode line = new ObjectMapper().readTree(metrics.get(i));
      String own =
          (adversarial == 1 && jpeg == 0 ? "reward %s" : "adversarial %s")
              .formatted(shown(line, "reward/adversarial"));
      String reference = " (reference %s)".formatted(shown(line, "critic/reward-reference"));
      assertTrue(steps.get(i).contains(own + reference), steps.get(i) + " of " + line);
      assertTrue(steps.get(i).contains("reward " + shown(line, "reward/total")), steps.get(i));
    }
    assertTrue(Files.readString(run.resolve("report.html")).contains("critic/reward-reference"));
  }

  private static String shown(JsonNode line, String key) {
    assertTrue(line.path(key).isNumber(), key + " in " + line);
    String text = String.format(Locale.ROOT, "%.3f", line.get(key).asDouble());
    return text.startsWith("0.") ? text.substring(1) : text.replaceFirst("^-0\\.", "-.");
  }

  @Test
  void shouldMeasureAndShowOwnPromptsAndReferences() throws IOException {
    Path prompts = Files.writeString(folder.resolve("prompts.txt"), "fox\nred fox\ncat\ndog\n");
    Path run = folder.resolve("own");
    Cli result =
        Cli.run(
            train(
                run,
                "run.steps=1",
                "data.prompts=" + prompts,
                "reward.adversarial.sees-prompt=false",
                "evaluation.every=1",
                "evaluation.prompts=2",
                "evaluation.shown=2",
                "evaluation.steps=2"));
    assertEquals(0, result.code(), String.join("\n", result.err()));
    List<String> lines = Files.readAllLines(run.resolve("evaluations.jsonl"));
    assertEquals(2, lines.size(), "before and after");
    for (String line : lines) {
      JsonNode measured = new ObjectMapper().readTree(line);
      for (String key : List.of("kidReference", "kidReferenceRaw", "kidBase", "diversity")) {
        assertTrue(measured.path(key).isNumber(), key + " in " + line);
      }
      assertFalse(measured.has("styleShare"), line);
    }
    assertTrue(result.out().contains("trained prompts, the base:"), result.out());
    assertTrue(Files.exists(run.resolve("images/step-000001.png")));
    assertFalse(summary(run).has("heldOut"), "" + summary(run));
    JsonNode end = summary(run).get("trainedPrompts").get("end");
    assertTrue(end.get("kidReference").isNumber() && end.get("styleShare").isNull(), "" + end);
  }

  @Test
  void shouldGiveTheSameWeightsForTheSameSeedOnly() throws IOException {
    Path same = folder.resolve("same");
    Path other = folder.resolve("other");
    Cli.done(train(same));
    Cli.done(train(other, "run.seed=2"));
    assertSameWeights(same);
    assertNotEquals(summary(clean).get("policyHash"), summary(other).get("policyHash"));
  }

  @Test
  void shouldWriteACheckpointWhenItsTerminalIsClosed() throws Exception {
    stopped(folder.resolve("run"), "HUP");
  }

  /** Stops a run of {@link #train} after two steps or more; returns after how many it stopped. */
  private static int stopped(Path run, String signal) throws Exception {
    assumeSignals();
    // Far more steps than can be taken before the signal arrives, however busy the machine is.
    List<String> endless = train(run, "run.steps=100000", "checkpoint.every=100000");
    try (ChildRun child = ChildRun.start(endless)) {
      child.awaitLine("step 2 ");
      child.signal(signal);
      assertEquals(130, child.await(), child.lines().toString());
      String last = child.lines().get(child.lines().size() - 1);
      assertTrue(last.contains("./atelier train --resume " + run), last);
    }
    assertVerifies(run);
    int steps = summary(run).get("steps").asInt();
    assertTrue(steps >= 2, "stopped after step " + steps);
    return steps;
  }

  @Test
  void shouldGoOnAfterBeingInterruptedAsIfItHadNotBeen() throws Exception {
    Path run = folder.resolve("run");
    String steps = "run.steps=" + (stopped(run, "INT") + 2);
    Cli.done("train", "--resume", run.toString(), steps);
    Path quiet = folder.resolve("quiet");
    Cli.done(train(quiet, steps));
    assertSameWeights(quiet, run);
    assertVerifies(run);
  }

  @Test
  void shouldWriteACheckpointOnTerminationThoughItHearsNothingElse() throws Exception {
    assumeSignals();
    Path run = folder.resolve("run");
    List<String> endless = train(run, "run.steps=100000", "checkpoint.every=100000");
    try (ChildRun child = ChildRun.startUnderNohup(endless)) {
      child.awaitLine("step 1 ");
      child.signal("INT");
      child.signal("HUP");
      child.awaitLine("step 4 ");
      assertFalse(child.lines().stream().anyMatch(l -> l.startsWith("stopping")), "it goes on");
      child.signal("TERM");
      assertEquals(130, child.await(), child.lines().toString());
      String last = child.lines().get(child.lines().size() - 1);
      assertTrue(last.contains("./atelier train --resume " + run), last);
    }
    assertTrue(summary(run).get("steps").asInt() >= 4);
    assertVerifies(run);
  }

  @Test
  void shouldMakeTheEvaluationThatAStopFellIntoWhenItIsResumed() throws Exception {
    assumeSignals();
    Path run = folder.resolve("run");
    List<String> endless =
        train(
            run,
            "run.steps=100000",
            "evaluation.every=100000",
            "evaluation.prompts=16",
            "evaluation.shown=2",
            "evaluation.steps=20");
    try (ChildRun child = ChildRun.start(endless)) {
      child.awaitLine("step 1 ");
      child.signal("TERM");
      assertEquals(130, child.await(), child.lines().toString());
      String said = "these steps are not evaluated yet, which is done when the run goes on: 0";
      assertTrue(child.lines().contains(said), child.lines().toString());
    }
    assertFalse(
        Files.exists(run.resolve("evaluations.jsonl"))
            && !Files.readAllLines(run.resolve("evaluations.jsonl")).isEmpty(),
        "the stop did not fall into the evaluation");
    JsonNode none = summary(run).get("heldOut").get("start");
    assertTrue(none.get("kidReference").isNull(), none::toString);
    int stopped = summary(run).get("steps").asInt();
    Cli resumed = Cli.run("train", "--resume", run.toString(), "run.steps=" + (stopped + 1));
    assertEquals(0, resumed.code(), String.join("\n", resumed.err()));
    List<Integer> steps = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("evaluations.jsonl"))) {
      steps.add(new ObjectMapper().readTree(line).get("step").asInt());
    }
    assertEquals(List.of(0, stopped + 1), steps);
    assertTrue(summary(run).get("heldOut").get("start").get("kidReference").isNumber());
  }

  private static void assumeSignals() throws IOException, InterruptedException {
    Assumptions.assumeTrue(
        ChildRun.setsSignals(), "env cannot set signals: that needs GNU coreutils 8.31 or later");
  }

  @Test
  void shouldGoOnAfterBeingKilled() throws Exception {
    Path run = folder.resolve("run");
    try (ChildRun child = ChildRun.start(train(run, "checkpoint.every=2"))) {
      child.awaitLine("step 3 ");
      child.signal("KILL");
      assertEquals(137, child.await(), child.lines().toString());
    }
    assertTrue(Files.notExists(run.resolve("summary.json")), "it was not killed in the middle");
    assertVerifies(run);
    Cli resumed = Cli.run("train", "--resume", run.toString());
    assertEquals(0, resumed.code(), String.join("\n", resumed.err()));
    assertSameWeights(run);
    assertVerifies(run);
    assertEquals(STEPS, Files.readAllLines(run.resolve("metrics.jsonl")).size());
  }

  @Test
  void shouldGoFurtherThanAFinishedRunAndLeaveOneThatIsComplete() throws Exception {
    Path run = folder.resolve("run");
    Cli.done(train(run, "run.steps=3"));
    Cli.done("train", "--resume", run.toString());
    assertEquals(3, summary(run).get("steps").asInt());
    Cli further = Cli.run("train", "--resume", run.toString(), "run.steps=" + STEPS);
    assertEquals(0, further.code(), String.join("\n", further.err()));
    assertSameWeights(run);
    Cli back = Cli.run("train", "--resume", run.toString(), "run.steps=2");
    assertEquals(2, back.code());
    assertTrue(back.err().get(0).contains("has trained " + STEPS), back.err().toString());
  }

  @Test
  void shouldRefuseToChangeTheResultOnResume() {
    Cli result = Cli.run("train", "--resume", clean.toString(), "learner.learning-rate=1");
    assertEquals(2, result.code());
    assertTrue(result.err().get(0).contains("learner.learning-rate cannot change"));
    Cli again = Cli.run(train(clean));
    assertEquals(2, again.code());
    assertTrue(again.err().get(0).contains("--resume " + clean), again.err().toString());
  }

  @Test
  void shouldSayThatTheDiskIsFullAndLoseNothing() throws Exception {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    Assumptions.assumeTrue(
        shell("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk.toString()) == 0,
        "a small file system can be mounted only by root");
    try {
      Path run = disk.resolve("run");
      Cli full = Cli.run(train(run, "checkpoint.keep=1000"));
      assertEquals(1, full.code(), full.err().toString());
      assertTrue(full.err().get(0).startsWith("atelier: disk full: "), full.err().toString());
      assertTrue(full.err().get(1).contains("--resume " + run), full.err().toString());
      shell("mount", "-o", "remount,size=100m", disk.toString());
      assertVerifies(run);
      Cli resumed = Cli.run("train", "--resume", run.toString());
      assertEquals(0, resumed.code(), resumed.err().toString());
      assertSameWeights(run);
      assertVerifies(run);
    } finally {
      shell("umount", "-l", disk.toString());
    }
  }

  @Test
  void shouldVerifyARunThatGoesOnAndSayThatItDoes() throws Exception {
    Path run = folder.resolve("run");
    List<String> endless =
        train(run, "run.steps=100000", "checkpoint.every=1", "checkpoint.keep=1");
    try (ChildRun child = ChildRun.start(endless)) {
      child.awaitLine("step 2 ");
      for (int i = 0; i < 8; i++) {
        Cli verify = Cli.run("verify", run.toString());
        assertEquals(0, verify.code(), "look %d: %s".formatted(i, verify.err()));
        assertTrue(verify.out().contains("goes on in process "), verify.out());
      }
      child.signal("KILL");
      child.await();
    }
    Cli verify = Cli.run("verify", run.toString());
    assertEquals(0, verify.code(), verify.err().toString());
    assertFalse(verify.out().contains("goes on"), verify.out());
  }

  @Test
  void shouldNoticeWhatWasChangedAfterwards() throws IOException {
    Path run = folder.resolve("run");
    Cli.done(train(run, "run.steps=2"));
    Path ledger = run.resolve("ledger");
    String lines = Files.readString(ledger);
    Files.writeString(ledger, lines.replaceFirst("\"policyVersion\":1", "\"policyVersion\":0"));
    Cli result = Cli.run("verify", run.toString());
    assertEquals(1, result.code());
    assertTrue(result.err().size() > 1, result.err().toString());
    Files.writeString(ledger, lines);
    assertVerifies(run);
    Path policy = run.resolve("checkpoints/step-000001/policy.safetensors");
    byte[] bytes = Files.readAllBytes(policy);
    bytes[bytes.length - 1] ^= 1;
    Files.write(policy, bytes);
    Cli damaged = Cli.run("verify", run.toString());
    assertEquals(1, damaged.code());
    assertTrue(damaged.err().get(1).contains("policy.safetensors is damaged"));
  }

  private static int shell(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
