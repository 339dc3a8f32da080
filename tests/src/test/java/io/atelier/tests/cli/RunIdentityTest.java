package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atelier.actors.identity.Identity;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.folder.RunFolder;
import io.atelier.actors.run.folder.RunIdentity;
import io.atelier.models.assets.EmojiStyle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A run goes on, and verifies, only as what it is made of. */
@Timeout(240)
class RunIdentityTest {

  private static final String WEIGHTS = "transformer/diffusion_pytorch_model.safetensors";

  @TempDir static Path whole;
  @TempDir static Path folder;
  private static OwnData data;
  private Path run;

  @BeforeAll
  static void train() throws IOException {
    data = OwnData.write(folder.resolve("data"), EmojiStyle.THREE_D);
    Cli result = Cli.run(train(folder.resolve("run")));
    assertEquals(0, result.code(), result.err().toString());
    copy(folder, whole);
  }

  private static List<String> train(Path run, String... more) {
    List<String> command = new ArrayList<>(List.of("train", "run.dir=" + run));
    command.addAll(data.settings());
    command.add("run.steps=1");
    command.addAll(List.of(more));
    return command;
  }

  /** Each test finds run and data as they were after the first step. */
  @BeforeEach
  void restore() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        if (!path.equals(folder)) {
          Files.delete(path);
        }
      }
    }
    copy(whole, folder);
    run = folder.resolve("run");
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Path copy = to.resolve(from.relativize(path).toString());
        if (!Files.isDirectory(path)) {
          Files.copy(path, copy);
        } else if (!Files.isDirectory(copy)) {
          Files.createDirectory(copy);
        }
      }
    }
  }

  private interface Edit {
    void make(OwnData data, RunFiles run) throws IOException;
  }

  /**
   * Something that is changed behind a run's back.
   *
   * @param named what the refusals must name
   */
  private record Change(String what, String named, Edit edit) {
    @Override
    public String toString() {
      return what;
    }
  }

  static Stream<Change> changes() {
    return Stream.of(
        new Change("a caption", "prompts: ", (d, r) -> replace(d.prompts(), "red fox", "red cat")),
        new Change("captions in another order", "prompts: ", (d, r) -> swap(d.prompts())),
        new Change(
            "a reference",
            "references: ",
            (d, r) -> Files.copy(image(d, 1), image(d, 3), StandardCopyOption.REPLACE_EXISTING)),
        new Change("a reference less", "0.png is missing", (d, r) -> Files.delete(image(d, 0))),
        new Change(
            "a reference more", "4.png is new", (d, r) -> Files.copy(image(d, 1), image(d, 4))),
        new Change("weights of the same size and time", WEIGHTS + " differs", (d, r) -> flip(d)),
        new Change(
            "settings of the scheduler",
            "scheduler/scheduler_config.json differs",
            (d, r) ->
                replace(
                    d.model().resolve("scheduler/scheduler_config.json"),
                    "\"num_train_timesteps\": 1000",
                    "\"num_train_timesteps\": 999")),
        new Change("the program", "program: ", (d, r) -> program(r)),
        new Change(
            "config.conf",
            "configuration: rollout.guidance is 4.5, ",
            (d, r) -> append(r.config(), "\nrollout.guidance=4.5\n")));
  }

  private static Path image(OwnData data, int number) {
    return data.references().resolve(number + ".png");
  }

  private static void replace(Path file, String from, String to) throws IOException {
    String text = Files.readString(file);
    assertTrue(text.contains(from), text);
    Files.writeString(file, text.replace(from, to));
  }

  private static void append(Path file, String text) throws IOException {
    Files.writeString(file, Files.readString(file) + text);
  }

  private static void swap(Path prompts) throws IOException {
    List<String> lines = new ArrayList<>(Files.readAllLines(prompts));
    lines.add(lines.remove(0));
    Files.write(prompts, lines);
  }

  /** One bit of one weight; a tool that sets the time back must not hide it. */
  private static void flip(OwnData data) throws IOException {
    Path weights = data.model().resolve(WEIGHTS);
    FileTime time = Files.getLastModifiedTime(weights);
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 4] ^= 1;
    Files.write(weights, bytes);
    Files.setLastModifiedTime(weights, time);
  }

  /** As if the run had been begun by another build. */
  private static void program(RunFiles run) {
    Identity now = RunIdentity.read(run).orElseThrow().now();
    SortedMap<String, Identity.Part> parts = new TreeMap<>(now.parts());
    parts.put("program", Identity.Part.named("0.0.9", "another build"));
    try (RunFolder folder = RunFolder.resume(run.root())) {
      RunIdentity.begin(folder, new Identity(now.configuration(), parts));
    }
  }

  @ParameterizedTest
  @MethodSource("changes")
  void shouldRefuseToGoOnAsSomethingElseAndNameIt(Change change) throws IOException {
    RunFiles files = new RunFiles(run);
    change.edit().make(data, files);
    byte[] ledger = Files.readAllBytes(files.ledger());
    byte[] identity = Files.readAllBytes(files.identity());

    Cli resumed = Cli.run("train", "--resume", run.toString(), "run.steps=2");
    assertEquals(2, resumed.code(), resumed.err().toString());
    String line = String.join("\n", resumed.err());
    assertTrue(line.contains("would not go on as what it is"), line);
    assertTrue(line.contains(change.named()), line);
    assertArrayEquals(ledger, Files.readAllBytes(files.ledger()), "nothing may be lost");
    assertArrayEquals(identity, Files.readAllBytes(files.identity()));

    Cli verified = Cli.run("verify", run.toString());
    assertEquals(1, verified.code(), verified.out());
    assertFalse(verified.out().contains("verified"), verified.out());
    String problems = String.join("\n", verified.err());
    assertTrue(problems.contains("differs: ") && problems.contains(change.named()), problems);
  }

  /** A change may be wanted, but only the one that a person has seen, and not in silence. */
  @Test
  void shouldGoOnAsSomethingElseOnlyWhenToldAndWriteItDown() throws IOException {
    RunFiles files = new RunFiles(run);
    String before = RunIdentity.read(files).orElseThrow().fingerprint();
    replace(data.prompts(), "red fox", "red cat");
    String accept = accept();
    assertNotEquals(before, accept);
    replace(data.prompts(), "red cat", "red dog");
    Cli another =
        Cli.run("train", "--resume", run.toString(), "run.steps=2", "run.accept=" + accept);
    assertEquals(2, another.code(), "another change than the one that was accepted");

    Cli accepted = resume("run.steps=2", "run.accept=" + accept());
    assertEquals(0, accepted.code(), accepted.err().toString());
    RunIdentity written = RunIdentity.read(files).orElseThrow();
    assertEquals(1, written.changes().size());
    assertEquals(before, written.changes().get(0).was());
    assertEquals(1, written.changes().get(0).afterStep());
    assertTrue(written.changes().get(0).differences().toString().contains("prompts: "));
    assertEquals("verified", lastLine(Cli.run("verify", run.toString())));

    assertEquals(0, resume("run.steps=3").code(), "it is what the run is now");
    replace(data.prompts(), "red dog", "red fox");
    assertEquals(2, resume("run.steps=4").code(), "and not any more what it was");
  }

  private Cli resume(String... overrides) {
    List<String> command = new ArrayList<>(List.of("train", "--resume", run.toString()));
    command.addAll(List.of(overrides));
    return Cli.run(command);
  }

  private String accept() {
    Cli refused = resume("run.steps=2");
    Matcher matcher =
        Pattern.compile("add run\\.accept=([0-9a-f]{16})").matcher(refused.err().toString());
    assertTrue(matcher.find(), refused.err().toString());
    return matcher.group(1);
  }

  private static String lastLine(Cli result) {
    List<String> lines = result.out().lines().toList();
    return lines.get(lines.size() - 1);
  }

  @Test
  void shouldNotSayVerifiedOfWhatIsGoneAndGoOnWhereItLiesNow() throws IOException {
    Path moved = Files.move(data.references(), folder.resolve("moved"));
    Cli gone = Cli.run("verify", run.toString());
    assertEquals(0, gone.code(), gone.err().toString());
    assertTrue(
        gone.out()
            .contains("cannot be compared: references: %s is gone".formatted(data.references())),
        gone.out());
    assertFalse(gone.out().contains("verified"), gone.out());
    Files.move(data.prompts(), folder.resolve("p.txt"));
    Cli both = Cli.run("verify", run.toString());
    assertTrue(both.out().contains("prompts: %s is gone".formatted(data.prompts())), both.out());

    String prompts = "data.prompts=" + folder.resolve("p.txt");
    Cli resumed = resume("run.steps=2", prompts, "data.references=" + moved);
    assertEquals(0, resumed.code(), resumed.err().toString());
    assertEquals("verified", lastLine(Cli.run("verify", run.toString())));
    OwnData other = OwnData.write(folder.resolve("other"), EmojiStyle.FLAT);
    Cli elsewhere = resume("run.steps=3", "data.references=" + other.references());
    assertEquals(2, elsewhere.code());
    assertTrue(elsewhere.err().toString().contains("references: "), elsewhere.err().toString());
  }

  @Test
  void shouldWarnWhenAnOlderProgramBeganTheRun() throws Exception {
    RunFiles files = new RunFiles(run);
    Files.delete(files.identity());
    Path checkpoint = files.checkpoints().resolve("step-000001");
    Files.delete(checkpoint.resolve("identity.json"));
    Path manifest = checkpoint.resolve("manifest.json");
    ObjectNode tree = (ObjectNode) new ObjectMapper().readTree(manifest.toFile());
    ((ObjectNode) tree.get("files")).remove("identity.json");
    Files.writeString(manifest, tree.toString());
    Cli verified = Cli.run("verify", run.toString());
    assertEquals(0, verified.code());
    assertTrue(verified.out().contains("cannot be compared: model, prompts"), verified.out());
    assertFalse(verified.out().contains("verified"), verified.out());
    List<String> command = List.of("train", "--resume", run.toString(), "run.steps=2");
    try (ChildRun child = ChildRun.start(command)) {
      assertEquals(0, child.await(), child.lines().toString());
      String warning =
          child.lines().stream().filter(l -> l.startsWith("warning: ")).findFirst().orElse("none");
      assertTrue(warning.contains(run + " has no identity.json"), warning);
      assertTrue(warning.contains("prompts " + data.prompts()), warning);
    }
    assertEquals(1, RunIdentity.read(files).orElseThrow().changes().size());
    assertEquals(0, resume("run.steps=3").code());
    replace(data.prompts(), "red fox", "red cat");
    assertEquals(2, resume("run.steps=4").code(), "from now on it is known");
  }

  @Test
  void shouldGoOnFromItsOwnCheckpointBesideOneOfAnotherRun() throws IOException {
    Path other = folder.resolve("other");
    Cli.done(train(other, "run.steps=2", "run.seed=2"));
    String name = "checkpoints/step-000002";
    copy(other.resolve(name), run.resolve(name));
    Cli verified = Cli.run("verify", run.toString());
    assertTrue(verified.err().toString().contains("step-000002 is of a run"), "" + verified.err());
    Cli resumed = resume("run.steps=3");
    assertEquals(0, resumed.code(), resumed.err().toString());
    assertTrue(resumed.out().contains("step-000002 is skipped"), resumed.out());
    assertTrue(resumed.out().contains("resuming after step 1"), resumed.out());
    assertArrayEquals(
        Files.readAllBytes(other.resolve(name).resolve("manifest.json")),
        Files.readAllBytes(run.resolve(name + ".replaced-1/manifest.json")),
        "it is kept");
    Cli.done("verify", run.toString());
  }

  @Test
  void shouldNameAnIdentityThatIsDamaged() throws IOException {
    Path file = new RunFiles(run).identity();
    String text = Files.readString(file);
    Files.writeString(file, text.substring(0, text.length() / 2));
    assertTrue(resume("run.steps=2").err().get(0).contains("identity.json is damaged"));
    Files.writeString(file, text.replaceFirst("\"files\" : \\{ *}", "\"files\" : null"));
    assertTrue(resume("run.steps=2").err().get(0).contains("no files"));
    Files.writeString(file, text.replace("\"format\" : 1", "\"format\" : 2, \"more\" : {}"));
    assertTrue(resume("run.steps=2").err().get(0).contains("has format 2"));
    Files.writeString(file, text.replaceFirst("\"digest\" : \"[0-9a-f]{4}", "\"digest\" : \"0000"));
    Cli changed = resume("run.steps=2");
    assertEquals(2, changed.code());
    assertTrue(changed.err().get(0).contains("was changed by hand"), changed.err().toString());
  }

  /** A relative path means what it meant where the run began. */
  @Test
  void shouldFindTheSameFilesFromAnotherWorkingFolder() throws Exception {
    Path there = OwnData.write(folder.resolve("there"), EmojiStyle.FLAT).root();
    Files.writeString(there.resolve("prompts.txt"), "other\nwords\n", StandardCharsets.UTF_8);
    List<String> command = new ArrayList<>(List.of("train", "run.dir=r"));
    command.addAll(OwnData.settings(""));
    command.add("run.steps=1");
    try (ChildRun child = ChildRun.start(data.root(), command)) {
      assertEquals(0, child.await(), child.lines().toString());
    }
    run = data.root().resolve("r");
    RunIdentity begun = RunIdentity.read(new RunFiles(run)).orElseThrow();
    List<String> go = List.of("train", "--resume", "../data/r", "run.steps=2");
    try (ChildRun child = ChildRun.start(there, go)) {
      assertEquals(0, child.await(), child.lines().toString());
    }
    assertEquals(begun, RunIdentity.read(new RunFiles(run)).orElseThrow());
    assertEquals("verified", lastLine(Cli.run("verify", run.toString())));
    List<String> named = new ArrayList<>(go);
    named.addAll(List.of("run.steps=3", "data.prompts=prompts.txt"));
    try (ChildRun child = ChildRun.start(there, named)) {
      assertEquals(2, child.await(), child.lines().toString());
      assertTrue(child.lines().toString().contains("prompts: " + there), "" + child.lines());
    }
  }
}
