package io.atelier.tests.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.tests.cli.Cli;
import io.atelier.tests.cli.TinyPipeline;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs whose reward comes from a judge that is a real server. */
@Timeout(240)
class JudgeRunTest {

  private static final int STEPS = 3;

  /** Groups of the run, each of two images: one pair in two orders. */
  private static final int GROUPS = STEPS * 2;

  private static final int CALLS = GROUPS * 2;

  @TempDir static Path shared;
  private static Path quiet;

  @TempDir Path folder;

  @BeforeAll
  static void trainWithAJudgeThatIsAlwaysUp() throws IOException {
    quiet = shared.resolve("quiet");
    try (RednessJudge judge = RednessJudge.start()) {
      Cli.done(train(quiet, judge.settings()));
      assertEquals(CALLS, judge.pairs().size());
      assertEquals(CALLS, new HashSet<>(judge.pairs()).size());
    }
  }

  private static List<String> train(Path run, List<String> judge, String... more) {
    List<String> command = new ArrayList<>(List.of("train", "run.dir=" + run));
    command.add("model.path=" + TinyPipeline.path());
    command.addAll(TinyPipeline.SHORT);
    command.add("run.steps=" + STEPS);
    command.add("reward.adversarial.weight=0");
    command.addAll(judge);
    command.addAll(List.of(more));
    return command;
  }

  /** Twelve images, each asked about once, or again where the connection broke. */
  @Test
  void shouldAskAboutEachImageAlone() throws IOException {
    String[] alone = {
      "reward.judge.red.pairs=none",
      "reward.judge.red.max-tokens=1",
      "reward.judge.red.instruction={prompt}: is it blue? Answer yes or no."
    };
    Path up = folder.resolve("up");
    try (RednessJudge judge = RednessJudge.start()) {
      Cli.done(train(up, judge.settings(), alone));
      assertEquals(GROUPS * 2, judge.pairs().size());
    }
    for (String line : Files.readAllLines(new RunFiles(up).metrics())) {
      double red = new ObjectMapper().readTree(line).get("reward/red").asDouble();
      assertTrue(red > 0 && red < 1 && red != 0.5, line);
    }
    Path broken = folder.resolve("broken");
    AtomicInteger breaks = new AtomicInteger(4);
    try (RednessJudge judge =
        RednessJudge.start(0, request -> request % 2 == 0 && breaks.getAndDecrement() > 0)) {
      Cli.done(train(broken, judge.settings(), alone));
      assertTrue(breaks.get() <= 0, "four connections broke");
    }
    assertEquals(summary(up).get("policyHash"), summary(broken).get("policyHash"));
  }

  private static JsonNode summary(Path run) throws IOException {
    return new ObjectMapper().readTree(new RunFiles(run).summary().toFile());
  }

  private static List<JsonNode> lines(Path file) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
  }

  /** A metric of each step. */
  private static List<Double> metrics(Path run, String name) throws IOException {
    List<Double> values = new ArrayList<>();
    for (JsonNode line : lines(new RunFiles(run).metrics())) {
      values.add(line.get(name).asDouble());
    }
    return values;
  }

  private static void assertSameResult(Path run) throws IOException {
    for (String key : List.of("steps", "policyHash", "groupsTrained", "groupsDropped")) {
      assertEquals(summary(quiet).get(key), summary(run).get(key), key);
    }
    for (String name : List.of("reward/total", "reward/red", "reward/red/shown-first")) {
      assertEquals(metrics(quiet, name), metrics(run, name), name);
    }
  }

  /** Win rates of a group add up to half of its images, and those of both orders agree. */
  @Test
  void shouldTrainOnWinRatesAndKeepWhatWasWritten() throws IOException {
    for (double mean : metrics(quiet, "reward/red")) {
      assertEquals(0.5, mean, 1e-6);
    }
    for (String name : List.of("reward/red/shown-first", "reward/red/agreement")) {
      for (double value : metrics(quiet, name)) {
        assertEquals(name.endsWith("agreement") ? 1 : 0.5, value, 1e-6, name);
      }
    }
    assertEquals(List.of(0.0, 0.0, 0.0), metrics(quiet, "reward/zero-variance"));
    List<JsonNode> kept = lines(new RunFiles(quiet).judgements());
    assertEquals(CALLS, kept.size());
    for (int i = 0; i < CALLS; i += 2) {
      JsonNode forward = kept.get(i);
      JsonNode reversed = kept.get(i + 1);
      assertEquals("forward", forward.get("order").asText());
      assertEquals("reversed", reversed.get("order").asText());
      for (String key : List.of("step", "group", "judge", "prompt", "pair", "verdict")) {
        assertEquals(forward.get(key), reversed.get(key), key);
      }
      assertEquals(
          forward.get("probability").asDouble(), reversed.get("probability").asDouble(), 1e-9);
      assertNotEquals(forward.get("rationale"), reversed.get("rationale"));
      assertTrue(forward.get("rationale").asText().matches("[AB] is redder.\n[AB]"));
    }
    assertEquals(STEPS, kept.get(CALLS - 1).get("step").asInt());
  }

  /**
   * It breaks off in the middle of a group, then nothing but broken connections, then it is back.
   */
  @Test
  void shouldTrainTheSameWhenTheJudgeIsAwayForAWhile() throws IOException {
    Outage<RednessJudge> outage = Outage.at(4, RednessJudge::start, RednessJudge::port);
    Path run = folder.resolve("run");
    try {
      Cli.done(
          train(
              run,
              outage.first().settings(),
              "reward.judge.red.patience=400ms", // two pauses
              "reward.judge.red.parallel=1",
              "limits.retry-delay=50ms",
              "limits.score-retries=100"));
    } finally {
      outage.second().close();
    }
    assertSameResult(run);
    assertTrue(
        Files.readString(new RunFiles(run).log()).contains("is put off"), "no group was put off");
    List<String> pairs = new ArrayList<>(outage.first().pairs());
    assertEquals(3, pairs.size(), "a group and a half");
    pairs.addAll(outage.second().pairs());
    assertEquals(CALLS, new HashSet<>(pairs).size());
    assertEquals(CALLS, pairs.size(), "an answer was paid for twice");
    assertEquals(CALLS, lines(new RunFiles(run).judgements()).size());
  }

  /** Two workers, each of which makes several calls at a time. */
  @Test
  void shouldTrainTheSameWhoeverAsks() throws IOException {
    Path run = folder.resolve("run");
    try (RednessJudge judge = RednessJudge.start()) {
      Cli.done(train(run, judge.settings(), "workers.reward=2", "reward.judge.red.parallel=16"));
      assertEquals(CALLS, judge.pairs().size());
    }
    assertSameResult(run);
  }

  /** A reference of its prompt, which the embedded set has for every prompt. */
  @Test
  void shouldHoldImagesAgainstAnAnchor() throws IOException {
    Path run = folder.resolve("run");
    try (RednessJudge judge = RednessJudge.start()) {
      Cli.done(train(run, judge.settings(), "reward.judge.red.pairs=anchor", "run.steps=1"));
      assertEquals(2 * 2 * 2, judge.pairs().size(), "groups x images x orders");
    }
    for (JsonNode line : lines(new RunFiles(run).judgements())) {
      assertEquals("anchor", line.get("pair").get(1).asText());
    }
    assertNotEquals(0.5, metrics(run, "reward/red").get(0), 1e-3);
  }

  @Test
  void shouldRefuseAnAnchorThatThereIsNot() throws IOException {
    Path prompts = Files.writeString(folder.resolve("prompts.txt"), "a red fox\na blue cup\n");
    Cli refused =
        Cli.run(
            train(
                folder.resolve("run"),
                List.of("reward.judge.red.url=http://127.0.0.1:1/", "reward.judge.red.model=m"),
                "reward.judge.red.pairs=anchor",
                "data.prompts=" + prompts));
    assertEquals(2, refused.code());
    String said = String.join("\n", refused.err());
    assertTrue(said.contains("reward.judge.red.pairs is anchor"), said);
    assertTrue(said.contains("data.references = 3d has none of \"a red fox\""), said);
  }

  /** Tried twice, then the run ends; what was paid for, and says why, stays. */
  @Test
  void shouldEndWithoutANumberIfTheJudgeNeverNamesALetter() throws IOException {
    Path run = folder.resolve("run");
    try (RednessJudge judge = RednessJudge.start()) {
      Cli failed =
          Cli.run(
              train(
                  run,
                  judge.settings(),
                  "reward.judge.red.model=" + RednessJudge.UNDECIDED,
                  "limits.retry-delay=10ms",
                  "limits.score-retries=1",
                  "limits.on-unscorable=stop"));
      assertEquals(1, failed.code());
      String said = String.join("\n", failed.err());
      assertTrue(said.contains("2 of 2 answers do not end with A or B, such as"), said);
    }
    assertFalse(Files.exists(new RunFiles(run).summary()));
    assertEquals(List.of(), lines(new RunFiles(run).metrics()));
    List<JsonNode> kept = lines(new RunFiles(run).judgements());
    assertTrue(kept.size() >= 4, kept.size() + " lines");
    for (JsonNode line : kept) {
      assertEquals("none", line.get("verdict").asText());
      assertTrue(line.get("probability").isNull(), line.toString());
      assertEquals("Both are fine.", line.get("rationale").asText());
    }
  }

  @Test
  void shouldNameTheJudgeInPlanAndCard() throws IOException {
    String url = "http://127.0.0.1:1/v1/chat/completions"; // which plan does not ask
    List<String> judge = List.of("reward.judge.red.url=" + url, "reward.judge.red.model=/m/vlm");
    List<String> plan = train(folder.resolve("run"), judge);
    plan.set(0, "plan");
    String planned = Cli.done(plan).out();
    assertTrue(
        planned.contains(
            "judge       red is /m/vlm at %s: 2 calls a group, 4 a step; this plan does not ask it"
                .formatted(url)),
        planned);
    Path out = folder.resolve("lora");
    Cli.done("export-lora", quiet.toString(), "--out", out.toString());
    String card = Files.readString(out.resolve("README.md"));
    assertTrue(card.contains("red by the judge redness x 1.0"), card);
    assertFalse(card.contains("127.0.0.1"), "nobody else is to know where the judge was");
  }

  /** The judge of docs/judges.md, as it is there; it has no log-probabilities. */
  @Test
  void shouldTrainByTheJudgeOfTheDocs() throws Exception {
    Assumptions.assumeTrue(hasPython(), "python3 is not on this machine");
    Path root = Path.of(System.getProperty("atelier.root", ".."));
    String page = Files.readString(root.resolve("docs/judges.md"));
    Matcher block = Pattern.compile("```python\n(.*?)```", Pattern.DOTALL).matcher(page);
    assertTrue(block.find(), "the page has no judge");
    Path program = Files.writeString(folder.resolve("judge.py"), block.group(1));
    String port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = Integer.toString(free.getLocalPort());
    }
    Process python =
        new ProcessBuilder("python3", program.toString(), port)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("judge.log").toFile())
            .start();
    Path run = folder.resolve("run");
    try {
      Cli.done(
          train(
              run,
              List.of(
                  "reward.judge.red.url=http://127.0.0.1:%s/v1/chat/completions".formatted(port),
                  "reward.judge.red.model=none"),
              "run.steps=1",
              "reward.judge.red.patience=2m")); // it may still be starting
    } finally {
      python.destroy();
    }
    List<JsonNode> kept = lines(new RunFiles(run).judgements());
    assertEquals(4, kept.size());
    for (JsonNode line : kept) {
      assertTrue(line.get("rationale").asText().startsWith("The redder one.\n"), line.toString());
      double probability = line.get("probability").asDouble();
      assertTrue(probability == 0 || probability == 1, line.toString());
    }
    assertEquals(List.of(1.0), metrics(run, "reward/red/agreement"));
  }

  private static boolean hasPython() throws InterruptedException {
    try {
      return new ProcessBuilder("python3", "--version").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
