package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.api.Atelier;
import io.atelier.actors.api.RunHandle;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.protocol.RunStatus;
import io.atelier.actors.run.file.RunFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Values that are others from a step on: in a run that goes on, again in another one, in verify.
 */
@Timeout(300)
class AmendmentTest {

  private static final String WEIGHT = "reward.jpeg.weight";
  private static final String[] SETTINGS = {"run.steps=5", WEIGHT + "=0.3"};

  @TempDir Path folder;

  private TinyRuns runs() {
    return new TinyRuns(folder);
  }

  private RunHandle start(String run) {
    List<String> settings = new ArrayList<>(runs().settings(run));
    settings.addAll(List.of(SETTINGS));
    return Atelier.start(TrainConfig.load("dev", settings.toArray(String[]::new)));
  }

  /** Two changes after the second step: a weight, and the step size. */
  private void amended(String run) throws Exception {
    try (RunHandle handle = start(run)) {
      CompletableFuture<RunStatus.Done> weight = new CompletableFuture<>();
      CompletableFuture<RunStatus.Done> rate = new CompletableFuture<>();
      handle.onStep(
          step -> {
            if (step.step() == 1) {
              handle.amend(WEIGHT, 30, "too smooth").thenAccept(weight::complete);
              handle.amend("learner.learning-rate", 1e-3, "").thenAccept(rate::complete);
            }
          });
      handle.await();
      RunStatus.Done done = weight.get(10, TimeUnit.SECONDS);
      assertTrue(done.done(), done::message);
      assertTrue(
          done.message().matches("from step [34] on reward.jpeg.weight is 30.0 \\(too smooth\\)"),
          done::message);
      assertTrue(rate.get(10, TimeUnit.SECONDS).done());
    }
  }

  private static Cli verify(Path run) {
    return Cli.run("verify", run.toString());
  }

  @Test
  void shouldDoTheSameAgainAndBeVerified() throws Exception {
    amended("live");
    RunFiles live = new RunFiles(folder.resolve("live"));
    List<String> lines = Files.readAllLines(live.amendments());
    assertEquals(2, lines.size(), lines::toString);
    assertTrue(
        lines.get(0).contains("\"key\":\"reward.jpeg.weight\",\"value\":30.0"), lines.get(0));
    Cli whole = verify(live.root());
    assertEquals(0, whole.code(), () -> whole.err().toString());
    assertTrue(whole.out().lines().anyMatch("verified"::equals), whole::out);

    Cli.done(runs().command("train", "again", more("run.amendments=" + live.amendments())));
    assertEquals(runs().policyHash("live"), runs().policyHash("again"));
    assertEquals(0, verify(folder.resolve("again")).code());
    Cli.done(runs().command("train", "without", SETTINGS));
    assertNotEquals(runs().policyHash("live"), runs().policyHash("without"));

    refusesWhatWasAltered(live);
  }

  private static void refusesWhatWasAltered(RunFiles files) throws IOException {
    String ledger = Files.readString(files.ledger());
    Files.writeString(files.ledger(), ledger.replace("\"value\":30.0", "\"value\":3.0"));
    Cli value = verify(files.root());
    assertEquals(1, value.code(), value::out);
    assertTrue(
        value.err().stream()
            .anyMatch(
                line -> line.contains("reward.jpeg.weight is 3.0 (too smooth), which is not")),
        () -> value.err().toString());
    assertTrue(
        value.err().stream().anyMatch(line -> line.contains("has the reward")),
        () -> value.err().toString());
    Files.writeString(
        files.ledger(), ledger.replaceAll("[^\n]*\"amended\"[^\n]*learning-rate[^\n]*\n", ""));
    Cli gone = verify(files.root());
    assertTrue(
        gone.err().stream()
            .anyMatch(line -> line.contains("learner.learning-rate is 0.001, which is not in the")),
        () -> gone.err().toString());
    Files.writeString(files.ledger(), ledger);
    assertEquals(0, verify(files.root()).code());
  }

  private static String[] more(String setting) {
    List<String> all = new ArrayList<>(List.of(SETTINGS));
    all.add(setting);
    return all.toArray(String[]::new);
  }

  /** What was amended after the last checkpoint is not forgotten. */
  @Test
  void shouldGoOnWithWhatWasAmended() throws Exception {
    amended("whole");
    Path given = new RunFiles(folder.resolve("whole")).amendments();
    List<String> begin = runs().command("train", "parts", more("run.amendments=" + given));
    begin.add("run.steps=2");
    Cli.done(begin);
    assertTrue(Files.exists(new RunFiles(folder.resolve("parts")).amendments()));
    Cli.done("train", "--resume", folder.resolve("parts").toString(), "run.steps=5");
    assertEquals(runs().policyHash("whole"), runs().policyHash("parts"));
    Cli verified = verify(folder.resolve("parts"));
    assertEquals(0, verified.code(), () -> verified.err().toString());
  }

  @Test
  void shouldForkAndGoOnAsTheParentOrOtherwise() throws Exception {
    Cli.done(runs().command("train", "parent", more("checkpoint.keep=9")));
    String parent = folder.resolve("parent").toString();
    String same = folder.resolve("same").toString();
    Cli.done("fork", parent, "--step", "2", "--out", same);
    Cli.done("train", "--resume", same);
    assertEquals(runs().policyHash("parent"), runs().policyHash("same"));
    Cli verified = verify(folder.resolve("same"));
    assertEquals(0, verified.code(), () -> verified.err().toString());

    String other = folder.resolve("other").toString();
    Cli forked = Cli.done("fork", parent, "--step", "3", "--out", other, WEIGHT + "=30");
    assertTrue(forked.out().contains("goes on from step 3 of " + parent), forked::out);
    Cli.done("train", "--resume", other);
    assertNotEquals(runs().policyHash("parent"), runs().policyHash("other"));
    Cli partly = verify(folder.resolve("other"));
    assertEquals(0, partly.code(), () -> partly.err().toString());
    assertTrue(
        partly.out().contains("the configuration was another one then (3 steps, 0 to 2)"),
        partly::out);
    assertTrue(partly.out().contains("in 2 steps computed again"), partly::out);
    assertEquals(
        2, Cli.run("fork", parent, "--step", "9", "--out", folder.resolve("x").toString()).code());
    assertEquals(
        2,
        Cli.run(
                "fork",
                parent,
                "--out",
                folder.resolve("x").toString(),
                "learner.groups-per-step=4")
            .code());
    assertFalse(Files.exists(folder.resolve("x")));

    Path damaged = new RunFiles(folder.resolve("parent")).amendments();
    Files.writeString(damaged, "no amendment\n");
    String half = folder.resolve("half").toString();
    assertEquals(2, Cli.run("fork", parent, "--out", half).code());
    assertFalse(
        Files.exists(new RunFiles(folder.resolve("half")).config()),
        "half a fork is no run to go on with");
    Files.delete(damaged);
    Cli.done("fork", parent, "--out", half);
  }

  @Test
  void shouldRefuseWhatCannotChange() throws Exception {
    try (RunHandle handle = start("run")) {
      assertEquals(
          Optional.of(
              "rollout.group-size cannot be amended in this run, only critic.every,"
                  + " learner.learning-rate, reward.adversarial.weight, reward.jpeg.weight; start"
                  + " another run for it, or fork this one"),
          refusal(handle, "rollout.group-size", 4));
      assertTrue(refusal(handle, WEIGHT, -1).orElse("").contains("must be finite and 0 or more"));
      assertTrue(refusal(handle, "critic.every", 1.5).orElse("").contains("whole number"));
      handle.await();
    }
    assertFalse(Files.exists(new RunFiles(folder.resolve("run")).amendments()));
    Path wrong = Files.writeString(folder.resolve("wrong.jsonl"), "{\"from\": 1}\n");
    Cli damaged = Cli.run(runs().command("train", "other", "run.amendments=" + wrong));
    assertEquals(2, damaged.code());
    assertTrue(
        damaged.err().get(0).contains("wrong.jsonl, line 1 is no amendment"),
        damaged.err()::toString);
  }

  private static Optional<String> refusal(RunHandle handle, String key, double value)
      throws Exception {
    RunStatus.Done done =
        handle.amend(key, value, "").toCompletableFuture().get(20, TimeUnit.SECONDS);
    return done.done() ? Optional.empty() : Optional.of(done.message());
  }
}
