package io.atelier.tests.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.api.Atelier;
import io.atelier.actors.api.RunHandle;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.models.vision.Images;
import io.atelier.reward.sum.Rewards;
import io.atelier.rollout.Prompt;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs whose reward comes from a real server. */
@Timeout(240)
class HttpRewardRunTest {

  private static final int STEPS = 3;
  private static final int GROUPS = 2;

  @TempDir static Path shared;
  private static Path quiet;

  @TempDir Path folder;

  @BeforeAll
  static void trainWithAServerThatIsAlwaysUp() throws IOException {
    quiet = shared.resolve("quiet");
    try (RednessServer server = RednessServer.start()) {
      Cli.done(train(quiet, server.setting()));
      assertEquals(STEPS * GROUPS, server.groups().size());
      assertEquals(STEPS * GROUPS, new HashSet<>(server.groups()).size());
    }
  }

  private static List<String> settings(Path run, String... more) {
    List<String> settings = new ArrayList<>(List.of("run.dir=" + run));
    settings.add("model.path=" + TinyPipeline.path());
    settings.addAll(TinyPipeline.SHORT);
    settings.add("run.steps=" + STEPS);
    settings.add("data.through-vae=false");
    settings.addAll(List.of(more));
    return settings;
  }

  private static List<String> train(Path run, String... more) {
    List<String> command = new ArrayList<>(List.of("train"));
    command.addAll(settings(run, more));
    return command;
  }

  private static JsonNode summary(Path run) throws IOException {
    return new ObjectMapper().readTree(new RunFiles(run).summary().toFile());
  }

  /** A metric of each step. */
  private static List<Double> metrics(Path run, String name) throws IOException {
    List<Double> values = new ArrayList<>();
    for (String line : Files.readAllLines(new RunFiles(run).metrics())) {
      values.add(new ObjectMapper().readTree(line).get(name).asDouble());
    }
    return values;
  }

  private static void assertSameResult(Path run) throws IOException {
    for (String key :
        List.of(
            "steps",
            "policyHash",
            "criticHash",
            "groupsAdmitted",
            "groupsTrained",
            "groupsDropped")) {
      assertEquals(summary(quiet).get(key), summary(run).get(key), key);
    }
    for (String name : List.of("reward/total", "reward/red", "reward/adversarial")) {
      assertEquals(metrics(quiet, name), metrics(run, name), name);
    }
  }

  /** The numbers that a server sends are those that are trained on, to the bit. */
  @Test
  void shouldTrainAsWithTheSameRewardInProcess() throws IOException {
    Path alone = folder.resolve("alone");
    try (RednessServer server = RednessServer.start()) {
      Cli.done(train(alone, server.setting(), "reward.adversarial.weight=0"));
    }
    String[] overrides = settings(folder.resolve("program")).toArray(String[]::new);
    try (RunHandle run =
        Atelier.start(
            TrainConfig.load("dev", overrides), Rewards.of("red", HttpRewardRunTest::redness))) {
      run.await();
      assertEquals(summary(run.folder()).get("policyHash"), summary(alone).get("policyHash"));
    }
    assertNotEquals(summary(quiet).get("policyHash"), summary(alone).get("policyHash"));
  }

  /** A graph that is the sum, whose parts have no weights of their own. */
  @Test
  void shouldTrainByAGraphThatNamesTheServer() throws IOException {
    Path run = folder.resolve("run");
    String[] graph = {"reward.graph.sum=[adversarial, red]", "reward.http.red.weight=0"};
    try (RednessServer server = RednessServer.start()) {
      List<String> plan = train(run, server.setting(), graph[0], graph[1]);
      plan.set(0, "plan");
      assertTrue(Cli.done(plan).out().contains("red is scored by http://127.0.0.1"));
      assertEquals(List.of(), server.groups());
      Cli.done(train(run, server.setting(), graph[0], graph[1]));
      assertEquals(STEPS * GROUPS, new HashSet<>(server.groups()).size());
    }
    assertSameResult(run);
  }

  private static float[] redness(Images images, Prompt prompt) {
    float[] scores = new float[images.count()];
    for (int i = 0; i < images.rgb().length; i += 3) {
      scores[i / images.stride()] += (images.rgb()[i] & 255) - (images.rgb()[i + 2] & 255);
    }
    return scores;
  }

  /**
   * It breaks off in the middle of a request, then nothing but broken connections, then it is back.
   */
  @Test
  void shouldTrainTheSameWhenTheServerIsAwayForAWhile() throws IOException {
    Outage<RednessServer> outage = Outage.at(3, RednessServer::start, RednessServer::port);
    Path run = folder.resolve("run");
    try {
      Cli.done(
          train(
              run,
              outage.first().setting(),
              "reward.http.red.patience=400ms", // two pauses
              "limits.retry-delay=50ms",
              "limits.score-retries=100"));
    } finally {
      outage.second().close();
    }
    assertSameResult(run);
    assertTrue(
        Files.readString(new RunFiles(run).log()).contains("is put off"), "no group was put off");
    List<String> groups = new ArrayList<>(outage.first().groups().subList(0, 2));
    groups.addAll(outage.second().groups());
    assertEquals(STEPS * GROUPS, new HashSet<>(groups).size(), groups::toString);
    assertEquals(STEPS * GROUPS, groups.size(), "a group was paid for twice");
  }

  @Test
  void shouldEndWithWhatTheServerSaysWhenThatStaysWrong() throws IOException {
    try (RednessServer server = RednessServer.start()) {
      String url = "http://127.0.0.1:%d/other".formatted(server.port());
      Cli result = Cli.run(train(folder.resolve("run"), "reward.http.red.url=" + url));
      assertEquals(2, result.code(), result.err()::toString);
      String said = String.join("\n", result.err());
      assertTrue(said.contains("reward.http.red.url: " + url + " answered HTTP 404"), said);
    }
  }

  @Test
  void shouldGoOnWithAnotherUrlOnlyIfThatIsAccepted() throws IOException {
    Path run = folder.resolve("run");
    try (RednessServer server = RednessServer.start();
        RednessServer other = RednessServer.start()) {
      Cli.done(train(run, server.setting(), "run.steps=1"));
      List<String> resume =
          new ArrayList<>(List.of("train", "--resume", run.toString(), "run.steps=" + STEPS));
      resume.add(other.setting());
      Cli refused = Cli.run(resume);
      assertEquals(2, refused.code());
      String said = refused.err().get(0);
      String was = server.setting().replace("reward.http.red.url=", "was ");
      assertTrue(said.contains("reward.http.red.url is http://127.0.0.1:" + other.port()), said);
      assertTrue(said.contains(was), said);
      Matcher accept = Pattern.compile("run\\.accept=[0-9a-f]{16}").matcher(said);
      assertTrue(accept.find(), said);
      resume.add(accept.group());
      Cli.done(resume);
      assertEquals((STEPS - 1) * GROUPS, other.groups().size());
      assertEquals(summary(quiet).get("policyHash"), summary(run).get("policyHash"));
    }
  }

  @Test
  void shouldNameTheServerInPlanAndCard() throws IOException {
    String url = "http://127.0.0.1:1/score"; // which plan does not ask
    List<String> plan = train(folder.resolve("run"), "reward.http.red.url=" + url);
    plan.set(0, "plan");
    String planned = Cli.done(plan).out();
    assertTrue(planned.contains("reward: adversarial + red\n"), planned);
    assertTrue(planned.contains("red is scored by " + url + ", which gets png images"), planned);
    Path out = folder.resolve("lora");
    Cli.done("export-lora", quiet.toString(), "--out", out.toString());
    String card = Files.readString(out.resolve("README.md"));
    assertTrue(card.contains("adversarial x 1.0 + red by HTTP x 1.0"), card);
    assertFalse(card.contains("127.0.0.1"), "nobody else is to know where the server was");
  }

  /** The server of docs/http-rewards.md, as it is there. */
  @Test
  void shouldTrainByTheServerOfTheDocs() throws Exception {
    Assumptions.assumeTrue(hasPython(), "python3 is not on this machine");
    Path root = Path.of(System.getProperty("atelier.root", ".."));
    String page = Files.readString(root.resolve("docs/http-rewards.md"));
    Matcher block = Pattern.compile("```python\n(.*?)```", Pattern.DOTALL).matcher(page);
    assertTrue(block.find(), "the page has no server");
    Path program = Files.writeString(folder.resolve("server.py"), block.group(1));
    String port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = Integer.toString(free.getLocalPort());
    }
    Process python =
        new ProcessBuilder("python3", program.toString(), port)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("server.log").toFile())
            .start();
    Path run = folder.resolve("run");
    try {
      Cli.done(
          train(
              run,
              "run.steps=1",
              "reward.adversarial.weight=0",
              "reward.http.red.url=http://127.0.0.1:%s/".formatted(port),
              "reward.http.red.images=raw",
              "reward.http.red.patience=2m")); // it may still be starting
    } finally {
      python.destroy();
    }
    String[] overrides = settings(folder.resolve("program"), "run.steps=1").toArray(String[]::new);
    try (RunHandle inProcess =
        Atelier.start(
            TrainConfig.load("dev", overrides), Rewards.of("red", HttpRewardRunTest::meanRed))) {
      inProcess.await();
      assertEquals(metrics(inProcess.folder(), "reward/red"), metrics(run, "reward/red"));
      assertEquals(summary(inProcess.folder()).get("policyHash"), summary(run).get("policyHash"));
    }
  }

  private static boolean hasPython() throws InterruptedException {
    try {
      return new ProcessBuilder("python3", "--version").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static float[] meanRed(Images images, Prompt prompt) {
    float[] scores = new float[images.count()];
    for (int i = 0; i < scores.length; i++) {
      long sum = 0;
      for (int at = i * images.stride(); at < (i + 1) * images.stride(); at += 3) {
        sum += images.rgb()[at] & 255;
      }
      scores[i] = (float) (sum / (255.0 * images.height() * images.width()));
    }
    return scores;
  }
}
