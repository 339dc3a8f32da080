package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A run whose checkpoints cannot be read is never begun anew, neither by hand nor by a node of a
 * cluster that nobody watches.
 */
@Timeout(180)
class NoWorkLostTest {

  @TempDir static Path shared;

  /** Runs of three steps with three checkpoints, which are copied and spoilt. */
  private static Path single;

  private static Path clustered;

  @TempDir Path folder;

  /** What happens to every checkpoint of a run. */
  enum Damage {
    NEWER_FORMAT("has format 2") {
      @Override
      void to(Path checkpoint) throws IOException {
        Path manifest = checkpoint.resolve("manifest.json");
        String text = Files.readString(manifest);
        Files.writeString(manifest, text.replace("\"format\" : 1", "\"format\" : 2"));
      }
    },
    TRUNCATED("policy.safetensors has") {
      @Override
      void to(Path checkpoint) throws IOException {
        Path tensors = checkpoint.resolve("policy.safetensors");
        byte[] bytes = Files.readAllBytes(tensors);
        Files.write(tensors, java.util.Arrays.copyOf(bytes, bytes.length / 2));
      }
    },
    FOREIGN_FILE("notes.txt is not in the manifest") {
      @Override
      void to(Path checkpoint) throws IOException {
        Files.writeString(checkpoint.resolve("notes.txt"), "mine");
      }
    },
    NO_MANIFEST("manifest.json is missing") {
      @Override
      void to(Path checkpoint) throws IOException {
        Files.delete(checkpoint.resolve("manifest.json"));
      }
    };

    final String said;

    Damage(String said) {
      this.said = said;
    }

    abstract void to(Path checkpoint) throws IOException;
  }

  @BeforeAll
  static void train() throws IOException {
    single = shared.resolve("single");
    Cli train = Cli.run(command(single, "train"));
    assertEquals(0, train.code(), train.err().toString());
    clustered = shared.resolve("clustered");
    Cli node = Cli.run(node(clustered));
    assertEquals(0, node.code(), node.err().toString());
  }

  private static List<String> command(Path run, String... start) {
    List<String> command = new ArrayList<>(List.of(start));
    command.add("run.dir=" + run);
    command.add("model.path=" + TinyPipeline.path());
    command.addAll(TinyPipeline.SHORT);
    command.addAll(List.of("data.through-vae=false", "workers.rollout=1", "workers.reward=1"));
    return command;
  }

  /** A cluster of one node, which leads. */
  private static List<String> node(Path run) throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    List<String> command = command(run, "node", "--role", "all");
    command.add("cluster.host=127.0.0.1");
    command.add("cluster.port=" + port);
    command.add("cluster.seeds=[\"127.0.0.1:%d\"]".formatted(port));
    return command;
  }

  private Path copy(Path run) throws IOException {
    Path copy = folder.resolve("run");
    try (Stream<Path> files = Files.walk(run)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(run.relativize(file).toString()));
      }
    }
    return copy;
  }

  private static List<Path> checkpoints(Path run) throws IOException {
    try (Stream<Path> all = Files.list(run.resolve("checkpoints"))) {
      List<Path> checkpoints = all.sorted().toList();
      assertEquals(3, checkpoints.size());
      return checkpoints;
    }
  }

  /** What must not be lost, by name, with its content. */
  private static SortedMap<String, String> work(Path run) throws Exception {
    SortedMap<String, String> work = new TreeMap<>();
    try (Stream<Path> files = Files.walk(run)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = run.relativize(file).toString();
        if (!name.matches("\\.epochs/.*|\\.lock|atelier\\.log")) {
          byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
          work.put(name, HexFormat.of().formatHex(hash));
        }
      }
    }
    assertTrue(work.containsKey("ledger") && work.containsKey("metrics.jsonl"), "" + work);
    return work;
  }

  private void refused(Path run, Damage damage, List<String> again) throws Exception {
    for (Path checkpoint : checkpoints(run)) {
      damage.to(checkpoint);
    }
    SortedMap<String, String> before = work(run);
    Cli result = Cli.run(again);
    String said = result.err().toString();
    assertEquals(2, result.code(), said);
    assertTrue(said.contains(damage.said), said);
    assertTrue(said.contains("step-000003"), said);
    assertTrue(said.contains("nothing was changed"), said);
    assertFalse(said.contains("should not have happened"), said);
    assertEquals(before, work(run));
  }

  @ParameterizedTest
  @EnumSource
  void shouldRefuseToResumeWhenNoCheckpointCanBeRead(Damage damage) throws Exception {
    Path run = copy(single);
    refused(run, damage, List.of("train", "--resume", run.toString(), "run.steps=5"));
  }

  @ParameterizedTest
  @EnumSource
  void shouldRefuseToLeadWhenNoCheckpointCanBeRead(Damage damage) throws Exception {
    Path run = copy(clustered);
    refused(run, damage, node(run));
  }

  @Test
  void shouldGoOnWithStrayFilesEverywhere() throws Exception {
    Path run = copy(clustered);
    try (Stream<Path> all = Files.walk(run)) {
      for (Path place : all.filter(Files::isDirectory).toList()) {
        for (String stray : List.of(".DS_Store", ".nfs0000000000000001", "Thumbs.db", "x.conf~")) {
          Files.writeString(place.resolve(stray), "stray");
        }
      }
    }
    List<String> further = node(run);
    further.add("run.steps=4");
    Cli result = Cli.run(further);
    assertEquals(0, result.code(), result.err().toString());
    assertTrue(result.out().contains("after step 3"), result.out());
    assertEquals(4, Files.readAllLines(run.resolve("metrics.jsonl")).size());
    Cli verify = Cli.run("verify", run.toString());
    assertEquals(0, verify.code(), verify.err().toString());
  }

  @Test
  void shouldKeepWhatARunWroteBeforeItsFirstCheckpoint() throws Exception {
    Path run = copy(single);
    byte[] whole = Files.readAllBytes(run.resolve("ledger"));
    byte[] ledger = java.util.Arrays.copyOf(whole, whole.length - 5); // killed before it ended
    Files.write(run.resolve("ledger"), ledger);
    byte[] metrics = Files.readAllBytes(run.resolve("metrics.jsonl"));
    Files.move(run.resolve("checkpoints"), folder.resolve("elsewhere"));
    Cli result = Cli.run("train", "--resume", run.toString(), "run.steps=1");
    assertEquals(0, result.code(), result.err().toString());
    assertTrue(result.out().contains("ledger.before-1"), result.out());
    assertEquals(
        HexFormat.of().formatHex(ledger),
        HexFormat.of().formatHex(Files.readAllBytes(run.resolve("ledger.before-1"))));
    assertEquals(
        new String(metrics, StandardCharsets.UTF_8),
        Files.readString(run.resolve("metrics.jsonl.before-1")));
    assertEquals(1, Files.readAllLines(run.resolve("metrics.jsonl")).size());
  }

  @Test
  void shouldNotBeginAnewWhenTheCheckpointsAreGone() throws Exception {
    Path run = copy(single);
    notBegunAnew(run, List.of("train", "--resume", run.toString(), "run.steps=5"));
  }

  @Test
  void shouldNotLeadAnewWhenTheCheckpointsAreGone() throws Exception {
    Path run = copy(clustered);
    notBegunAnew(run, node(run));
  }

  private void notBegunAnew(Path run, List<String> again) throws Exception {
    Files.move(run.resolve("checkpoints"), folder.resolve("elsewhere"));
    SortedMap<String, String> before = work(run);
    Cli result = Cli.run(again);
    assertEquals(2, result.code(), result.err().toString());
    assertTrue(result.err().toString().contains("put them back"), result.err().toString());
    assertEquals(before, work(run));
  }

  /** Its nodes may be alive, and nobody can lock a folder for several machines. */
  @Test
  void shouldLeaveTheRunOfAClusterAlone() throws Exception {
    Path run = copy(clustered);
    SortedMap<String, String> before = work(run);
    Cli result = Cli.run("train", "--resume", run.toString(), "run.steps=5");
    assertEquals(2, result.code(), result.err().toString());
    assertTrue(result.err().toString().contains("a run on a cluster"), result.err().toString());
    assertEquals(before, work(run));
  }

  @Test
  void shouldWriteNothingIntoACheckpoint() throws Exception {
    Path run = copy(single);
    Path checkpoint = checkpoints(run).get(2);
    String inside = checkpoint.resolve("x").toString();
    SortedMap<String, String> before = work(run);
    for (List<String> command :
        List.of(
            List.of("train", "--resume", checkpoint.toString(), "run.steps=5"),
            command(checkpoint.resolve("x"), "train"),
            List.of("export-lora", run.toString(), "--out", checkpoint.toString()),
            List.of("export-lora", run.toString(), "--out", inside),
            List.of("sample", "--prompt", "a", "--out", inside + ".png"))) {
      Cli result = Cli.run(command);
      assertEquals(2, result.code(), command + ": " + result.err());
      assertTrue(result.err().toString().contains("checkpoint"), result.err().toString());
    }
    assertEquals(before, work(run));
  }

  @ParameterizedTest
  @ValueSource(strings = {"--preset", "--config"})
  void shouldNotIgnoreAConfigurationWhenARunGoesOn(String option) throws Exception {
    Path run = copy(single);
    Cli result = Cli.run("train", "--resume", run.toString(), option, "jpeg", "run.steps=4");
    assertEquals(2, result.code(), result.err().toString());
    assertTrue(
        result.err().toString().contains("leave out --preset and --config"),
        result.err().toString());
    assertEquals(3, Files.readAllLines(run.resolve("metrics.jsonl")).size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"metrics.jsonl", "summary.json", "checkpoints"})
  void shouldNotCallVerifiedWhatIsGone(String name) throws Exception {
    Path run = copy(single);
    Files.move(run.resolve(name), folder.resolve("elsewhere"));
    Cli verify = Cli.run("verify", run.toString());
    assertTrue(verify.out().contains("cannot be compared: " + name), verify.out());
    assertFalse(verify.out().lines().anyMatch("verified"::equals), verify.out());
  }

  @Test
  void shouldKnowWhatARunIsFromItsCheckpoints() throws Exception {
    Path run = copy(single);
    Files.delete(run.resolve("identity.json"));
    Cli verify = Cli.run("verify", run.toString());
    assertEquals(0, verify.code(), verify.err().toString());
    assertTrue(verify.out().lines().anyMatch("verified"::equals), verify.out());
    Cli changed = Cli.run("train", "--resume", run.toString(), "run.steps=4", "model.path=emoji64");
    assertEquals(2, changed.code(), changed.err().toString());
    assertTrue(changed.err().toString().contains("model"), changed.err().toString());
  }

  @Test
  void shouldTryAgainAndNotCallItWrongUseWhenTheStorageFails() throws Exception {
    Path run = copy(single);
    Path metrics = run.resolve("metrics.jsonl");
    Path aside = Files.move(metrics, folder.resolve("aside"));
    Files.createSymbolicLink(metrics, Path.of("/proc/self/mem")); // gives "Input/output error"
    Cli failed = Cli.run("train", "--resume", run.toString(), "run.steps=4");
    assertEquals(1, failed.code(), failed.err().toString());
    assertTrue(
        failed.err().get(0).contains(metrics + " cannot be read: Input/output error"),
        failed.err().toString());
    assertFalse(failed.err().toString().contains("bug"), failed.err().toString());
    Files.delete(metrics);
    Files.move(aside, metrics);
    Cli resumed = Cli.run("train", "--resume", run.toString(), "run.steps=4");
    assertEquals(0, resumed.code(), resumed.err().toString());
    assertEquals(4, Files.readAllLines(metrics).size());
  }
}
