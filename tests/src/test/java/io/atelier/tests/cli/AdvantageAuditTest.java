package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code verify} computes rewards and advantages again, and names what was changed. */
@Timeout(300)
class AdvantageAuditTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String COMPUTED = "advantages   of 12 images in 3 steps computed again";

  @TempDir Path folder;

  private Path train(String name, String... more) {
    List<String> command = new ArrayList<>(List.of("train"));
    command.addAll(TinyPipeline.SHORT);
    command.add("model.path=" + TinyPipeline.path());
    command.add("run.dir=" + folder.resolve(name));
    command.addAll(List.of(more));
    Cli.done(command);
    return folder.resolve(name);
  }

  private static String policyHash(Path run) throws IOException {
    return JSON.readTree(run.resolve("summary.json").toFile()).get("policyHash").asText();
  }

  private static Cli verify(Path run) {
    return Cli.run("verify", run.toString());
  }

  /** Changes the line of group 1.1 that has its rewards, verifies, and changes it back. */
  private static Cli changed(Path run, Consumer<ObjectNode> change) throws IOException {
    Path ledger = run.resolve("ledger");
    String before = Files.readString(ledger);
    List<String> lines = new ArrayList<>();
    int found = 0;
    for (String line : before.lines().toList()) {
      JsonNode entry = JSON.readTree(line);
      if (entry.path("type").asText().equals("rewarded")
          && entry.path("id").path("step").asInt() == 1
          && entry.path("id").path("slot").asInt() == 1) {
        change.accept((ObjectNode) entry);
        found++;
      }
      lines.add(JSON.writeValueAsString(entry));
    }
    assertEquals(1, found);
    Files.writeString(ledger, String.join("\n", lines) + "\n");
    Cli result = verify(run);
    Files.writeString(ledger, before);
    return result;
  }

  private static Consumer<ObjectNode> moved(String list, int image) {
    return entry -> {
      ArrayNode values = (ArrayNode) entry.at(list);
      values.set(image, JSON.getNodeFactory().numberNode(values.get(image).asDouble() + 0.25));
    };
  }

  private static void assertNames(Cli verified, String... words) {
    assertEquals(1, verified.code(), verified.out());
    for (String each : words) {
      assertTrue(
          verified.err().stream().anyMatch(line -> line.contains(each)),
          () -> "should say \"%s\": %s".formatted(each, verified.err()));
    }
  }

  @Test
  void shouldNameTheImageWhoseScoreRewardOrAdvantageWasChanged() throws IOException {
    Path run = train("sum", "reward.jpeg.weight=0.3");
    Cli whole = verify(run);
    assertEquals(0, whole.code(), whole.err().toString());
    assertTrue(whole.out().contains(COMPUTED), whole.out());
    assertTrue(whole.out().lines().anyMatch("verified"::equals), whole.out());
    Cli score = changed(run, moved("/scores/jpeg", 0));
    assertNames(score, "advantages: image 0 of group 1.1 in step 1 has the reward", "but the sum");
    assertEquals(2, score.err().size(), score.err().toString());
    Cli advantage = changed(run, moved("/advantages", 1));
    assertNames(advantage, "advantages: image 1 of group 1.1 in step 1 has the advantage");
    assertEquals(2, advantage.err().size(), advantage.err().toString());
    Cli reward = changed(run, moved("/rewards", 1));
    assertNames(
        reward, "image 1 of group 1.1 in step 1 has the reward", "image 0 of group 1.0 in step 1");
    assertNames(
        changed(run, entry -> ((ArrayNode) entry.get("rewards")).remove(0)),
        "group 1.1 has 1 rewards, 2 advantages and scores of [2, ");
    assertNames(
        changed(run, entry -> ((ObjectNode) entry.get("scores")).putArray("own").add(1).add(2)),
        "there are scores of \"own\", which has no weight");
  }

  /** Each step divides by the deviation of the one before; so does a part of the graph. */
  @Test
  void shouldComputeAGraphAgainAndCarryWhatAStepLeaves() throws IOException {
    String[] settings = {
      "learner.advantage.spread=previous-batch",
      "reward.graph={sum=[{normalise=adversarial, over=previous-step}, {normalise=adversarial,"
          + " over=running, momentum=0.5}, {leaf=jpeg, weight=0.35}, {schedule=jpeg, from=0, to=2,"
          + " start=0, end=2}]}"
    };
    String straight = policyHash(train("straight", settings));
    List<String> two = new ArrayList<>(List.of(settings));
    two.add("run.steps=2");
    Path run = train("graph", two.toArray(String[]::new));
    Cli.done("train", "--resume", run.toString(), "run.steps=3");
    assertEquals(straight, policyHash(run));
    Cli whole = verify(run);
    assertEquals(0, whole.code(), whole.err().toString());
    assertTrue(whole.out().contains(COMPUTED), whole.out());
    assertNames(
        changed(run, moved("/scores/jpeg", 1)),
        "advantages: image 1 of group 1.1 in step 1 has the reward",
        "but reward.graph gives");
    assertNames(
        changed(run, moved("/rewards", 1)),
        "image 1 of group 1.1 in step 1 has the advantage",
        "image 0 of group 2.0 in step 2 has the advantage");
    Path config = run.resolve("config.conf");
    String text = Files.readString(config);
    assertTrue(text.contains("weight=0.35"), text);
    Files.writeString(config, text.replace("weight=0.35", "weight=0.45"));
    assertNames(verify(run), "image 0 of group 0.0 in step 0 has the reward", "reward.graph");
    Files.writeString(config, text);
    assertEquals(0, verify(run).code());
  }

  /** Each trained step has the scores of what its states lead to, shared starts among them. */
  @Test
  void shouldComputeCreditByStepAgain() throws IOException {
    Path run =
        train(
            "steps",
            "rollout.trained-steps=2",
            "rollout.shared-start=true",
            "reward.jpeg.weight=0.3",
            "learner.credit.steps.mode=to-go",
            "learner.advantage.spread=previous-batch");
    Cli whole = verify(run);
    assertEquals(0, whole.code(), whole.err().toString());
    assertTrue(whole.out().contains(COMPUTED), whole.out());
    assertTrue(whole.out().lines().anyMatch("verified"::equals), whole.out());
    assertNames(
        changed(run, moved("/steps/1/scores/jpeg", 1)),
        "advantages: image 1 of group 1.1 in step 1 and trained step 2 has the advantage");
    Cli advantage = changed(run, moved("/steps/0/advantages", 1));
    assertNames(advantage, "image 1 of group 1.1 in step 1 and trained step 1 has the advantage");
    assertEquals(2, advantage.err().size(), advantage.err().toString());
    assertNames(
        changed(run, entry -> ((ArrayNode) entry.at("/steps/0/advantages")).remove(0)),
        "group 1.1 has 2 rewards, 0 advantages",
        "a trained step 1 advantages and scores of [1, ");
    assertNames(
        changed(run, entry -> ((ArrayNode) entry.get("steps")).remove(0)),
        "step 1 has groups with 2 trained steps and groups with other numbers");
    assertNames(changed(run, entry -> entry.remove("steps")), "group 1.1 has 2 rewards");
  }

  @Test
  void shouldComputeCreditByPlaceAgain() throws IOException {
    Path run = train("places", "learner.credit.places.source=critic");
    Cli whole = verify(run);
    assertEquals(0, whole.code(), whole.err().toString());
    assertTrue(whole.out().contains(COMPUTED), whole.out());
    assertTrue(whole.out().lines().anyMatch("verified"::equals), whole.out());
    Cli added = changed(run, moved("/places/added", 17));
    assertNames(added, "advantages: place 1 of image 1 of group 1.1 in step 1 adds");
    assertEquals(2, added.err().size(), added.err().toString());
    assertNames(
        changed(run, moved("/places/scores", 0)),
        "place 0 of image 0 of group 1.0 in step 1 adds", // their deviation is another
        "more numbers differ");
    assertNames(
        changed(run, entry -> ((ArrayNode) entry.at("/places/scores")).remove(0)),
        "group 1.1 in step 1 has 31 scores of places and 32 numbers that they add, not 32");
    assertNames(
        changed(run, entry -> ((ObjectNode) entry.get("places")).put("rows", 4)),
        "group 1.1 in step 1 has latents of 4 x ");
    assertNames(
        changed(run, entry -> entry.remove("places")),
        "group 1.1 in step 1 has 0 scores of places and 0 numbers that they add, not 32");
    Path ledger = run.resolve("ledger");
    List<String> lines = Files.readAllLines(ledger);
    Files.write(
        ledger,
        lines.stream()
            .map(
                line ->
                    line.contains("\"step\":0,")
                        ? line
                        : line.replaceFirst(",\"places\":\\{[^}]*}", ""))
            .toList());
    assertNames(verify(run), "group 1.0 in step 1 has 0 scores of places");
    for (String rows : List.of("2000000", "0", "-3")) { // none is a reason to take memory
      Files.write(
          ledger,
          lines.stream().map(l -> l.replaceFirst("\"rows\":8", "\"rows\":" + rows)).toList());
      assertNames(verify(run), "step 0", rows + " x 8 cells");
    }
  }

  @Test
  void shouldSayThatWhatTheSamplerLeadsToIsNotRecorded() {
    Cli verified = verify(train("contrast", "learner.credit.places.source=contrast"));
    assertEquals(0, verified.code(), verified.err().toString());
    assertTrue(
        verified
            .out()
            .contains(
                "cannot be compared: what places add: it is made of the steps of the sampler, which"
                    + " are not recorded (3 steps, 0 to 2)\n"),
        verified.out());
  }

  /** What is in the folder then is not what the first steps were made by. */
  @Test
  void shouldNotHoldEarlierStepsAgainstAnotherConfiguration() throws IOException {
    Path run = train("other", "reward.jpeg.weight=0.35", "run.steps=2");
    Path config = run.resolve("config.conf");
    String text = Files.readString(config);
    assertTrue(text.contains("weight=0.35"), text);
    Files.writeString(config, text.replace("weight=0.35", "weight=0.65"));
    String[] other = {"train", "--resume", run.toString(), "run.steps=3"};
    Cli refused = Cli.run(other);
    assertEquals(2, refused.code(), refused.out());
    Matcher accept = Pattern.compile("run\\.accept=\\w+").matcher(refused.err().toString());
    assertTrue(accept.find(), refused.err().toString());
    List<String> accepted = new ArrayList<>(List.of(other));
    accepted.add(accept.group());
    Cli.done(accepted);
    Cli verified = verify(run);
    assertEquals(0, verified.code(), verified.err().toString());
    assertTrue(
        verified.out().contains("advantages   of 4 images in 1 steps computed again"),
        verified.out());
    assertTrue(
        verified
            .out()
            .contains(
                "cannot be compared: advantages: the configuration was another one then (2 steps, 0"
                    + " to 1)\n"),
        verified.out());
  }

  /** As older programs wrote it. */
  @Test
  void shouldSayWhatIsNotRecorded() throws IOException {
    Path run = train("old");
    Path ledger = run.resolve("ledger");
    List<String> lines = Files.readAllLines(ledger);
    List<String> old = lines.stream().filter(line -> !line.contains("\"rewarded\"")).toList();
    assertEquals(6, lines.size() - old.size());
    Files.writeString(ledger, String.join("\n", old) + "\n");
    Cli verified = verify(run);
    assertEquals(0, verified.code(), verified.err().toString());
    assertTrue(
        verified
            .out()
            .contains("cannot be compared: advantages: they are not recorded (3 steps, 0 to 2)\n"),
        verified.out());
    assertFalse(verified.out().lines().anyMatch("verified"::equals), verified.out());
    List<String> partly = new ArrayList<>(lines);
    partly.remove(
        partly.stream().filter(line -> line.contains("\"rewarded\"")).findFirst().orElseThrow());
    Files.writeString(ledger, String.join("\n", partly) + "\n");
    assertNames(verify(run), "step 0 has the rewards of 1 groups, not 2");
  }
}
