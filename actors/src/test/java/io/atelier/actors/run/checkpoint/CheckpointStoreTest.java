package io.atelier.actors.run.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.ledger.journal.LedgerSnapshot;
import io.atelier.actors.report.StepState;
import io.atelier.actors.run.file.Durable;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.run.file.TinyDisk;
import io.atelier.actors.run.file.WriteFailedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointStoreTest {

  @TempDir Path folder;
  private CheckpointStore store;
  private Path ledger;
  private final List<String> skipped = new ArrayList<>();

  @BeforeEach
  void setUp() throws IOException {
    store = new CheckpointStore(folder.resolve("checkpoints"), 3);
    ledger = Files.write(folder.resolve("ledger"), new byte[10_000]);
  }

  private StepState latest() {
    return store.latest(ledger, skipped::add).orElseThrow();
  }

  /** Why none of the checkpoints can be used. */
  private String refusal() {
    String message =
        assertThrows(RunFolderException.class, () -> store.latest(ledger, skipped::add))
            .getMessage();
    assertFalse(message.contains("\n"), message);
    return message;
  }

  @Test
  void shouldReadBackWhatWasSaved() {
    StepState state = States.of(40, 5);
    Path checkpoint = store.save(state, "run.steps = 40", "");
    assertEquals("step-000040", checkpoint.getFileName().toString());
    States.assertSame(state, latest());
    assertEquals(
        state.policyVersions().get(40L).contentHash(),
        Checkpoint.policyWeights(checkpoint).contentHash());
    assertEquals(List.of(), skipped);
  }

  @Test
  void shouldFindNothingWhereNothingIs() {
    assertTrue(store.latest(ledger, skipped::add).isEmpty());
    assertEquals(List.of(), store.list());
  }

  @Test
  void shouldKeepTheNewest() {
    for (int step = 8; step <= 12; step++) {
      store.save(States.of(step, 1), "", "");
    }
    List<String> names = store.list().stream().map(p -> p.getFileName().toString()).toList();
    assertEquals(List.of("step-000012", "step-000011", "step-000010"), names);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "policy.safetensors",
        "critic.safetensors",
        "policy-versions/000002.safetensors",
        "ledger.json",
        "config.conf",
        "manifest.json"
      })
  void shouldSkipCheckpointWithDamagedFile(String name) throws IOException {
    store.save(States.of(1, 1), "one", "");
    Path damaged = store.save(States.of(2, 2), "two", "").resolve(name);
    byte[] bytes = Files.readAllBytes(damaged);
    bytes[bytes.length / 2] ^= 1;
    Files.write(damaged, bytes);
    assertEquals(1, latest().step());
    assertEquals(1, skipped.size());
    assertTrue(skipped.get(0).startsWith("checkpoint step-000002 is skipped: "), skipped.get(0));
    String blamed = name.equals("manifest.json") ? "step-000002" : name;
    assertTrue(skipped.get(0).contains(blamed), skipped.get(0));
    assertFalse(skipped.get(0).contains("\n"), skipped.get(0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"critic.safetensors", "manifest.json"})
  void shouldSkipCheckpointWithMissingOrShortenedFile(String name) throws IOException {
    store.save(States.of(1, 1), "", "");
    Path shortened = store.save(States.of(2, 2), "", "").resolve(name);
    Path missing = store.save(States.of(3, 3), "", "").resolve(name);
    Files.write(shortened, new byte[3]);
    Files.delete(missing);
    assertEquals(1, latest().step());
    assertEquals(2, skipped.size());
    assertTrue(skipped.get(0).contains(name + " is missing"), skipped.get(0));
    assertTrue(skipped.get(1).contains(name), skipped.get(1));
  }

  @Test
  void shouldSkipCheckpointWithForeignFileAndReplaceItWhenItsStepComesAgain() throws IOException {
    Path checkpoint = store.save(States.of(2, 1), "", "");
    Files.writeString(checkpoint.resolve("policy-versions/000009.safetensors"), "x");
    assertTrue(refusal().contains("000009.safetensors is not in the manifest"), refusal());
    store.save(States.of(2, 1), "", "");
    assertEquals(2, latest().step());
    assertEquals(
        "x",
        Files.readString(
            folder.resolve(
                "checkpoints/step-000002.replaced-1/policy-versions/000009.safetensors")),
        "what was not its own is gone");
  }

  @Test
  void shouldRefuseCheckpointUnderAnotherName() throws IOException {
    Path checkpoint = store.save(States.of(2, 1), "", "");
    Path renamed = checkpoint.resolveSibling("step-000003");
    Files.move(checkpoint, renamed);
    CheckpointException e =
        assertThrows(CheckpointException.class, () -> Checkpoint.verify(renamed));
    assertTrue(e.getMessage().contains("is of step 2"), e.getMessage());
  }

  @Test
  void shouldKeepLastCheckpointWhenDiskIsFull() throws IOException {
    try (TinyDisk disk = TinyDisk.mount(folder.resolve("disk"), 512)) {
      CheckpointStore full = new CheckpointStore(disk.path().resolve("checkpoints"), 3);
      full.save(States.of(1, 1), "", "");
      disk.fill(20);
      WriteFailedException e =
          assertThrows(WriteFailedException.class, () -> full.save(States.of(2, 2), "", ""));
      assertTrue(e.getMessage().startsWith("disk full: "), e.getMessage());
      assertTrue(e.getMessage().contains("step-000002"), e.getMessage());
      assertEquals(1, full.latest(ledger, skipped::add).orElseThrow().step());
      assertEquals(List.of(), skipped);
      Files.delete(disk.path().resolve("ballast"));
      full.save(States.of(2, 2), "", "");
      assertEquals(2, full.latest(ledger, skipped::add).orElseThrow().step());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"policy.safetensors", "000002.safetensors", "manifest.json"})
  @Timeout(60)
  void shouldKeepLastCheckpointWhenKilledWhileWriting(String during)
      throws IOException, InterruptedException {
    store.save(States.of(1, 1), "", "");
    Path checkpoints = folder.resolve("checkpoints");
    try (ChildJvm child = ChildJvm.start(StopsWhileWriting.class, checkpoints.toString(), during)) {
      child.awaitLine("stopped after " + during);
      assertEquals(137, child.kill());
    }
    Path aside = checkpoints.resolve(".writing-0-step-000002");
    assertTrue(Files.isDirectory(aside), "the child was not in the middle of writing");
    assertFalse(Files.exists(checkpoints.resolve("step-000002")));
    States.assertSame(States.of(1, 1), latest());
    store.save(States.of(2, 2), "", "");
    assertFalse(Files.exists(aside));
    assertEquals(2, latest().step());
  }

  /** Writes the second checkpoint and stands still after one of its files. */
  static final class StopsWhileWriting {
    public static void main(String[] arguments) {
      CheckpointStore store =
          new CheckpointStore(
              Path.of(arguments[0]),
              3,
              0,
              file -> {
                if (file.getFileName().toString().equals(arguments[1])) {
                  System.out.println("stopped after " + arguments[1]);
                  await();
                }
              });
      store.save(States.of(2, 2), "", "");
      System.out.println("not stopped");
    }

    private static void await() {
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Test
  void shouldNotTakeHalfWrittenFolderForCheckpoint() throws IOException {
    Path checkpoint = store.save(States.of(1, 1), "", "");
    Path manifest = checkpoint.resolve("manifest.json");
    Files.write(
        manifest, "junk".getBytes(StandardCharsets.UTF_8), StandardOpenOption.TRUNCATE_EXISTING);
    assertTrue(refusal().contains("manifest.json is damaged"), refusal());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ".DS_Store",
        "Thumbs.db",
        "desktop.ini",
        ".nfs0000000001a2b3c4",
        "._policy.safetensors",
        "config.conf~",
        ".config.conf.swp",
        ".#manifest.json",
        "#manifest.json#",
        "manifest.json.bak",
        "config.conf.orig",
        "4913",
        ".directory",
        ".gitkeep",
        ".fuse_hidden0000000100000001",
        "policy-versions/.DS_Store",
        "policy-versions/._000002.safetensors"
      })
  void shouldReadCheckpointAsIfStrayFilesWereNotThere(String stray) throws IOException {
    Path checkpoint = store.save(States.of(2, 1), "", "");
    Files.writeString(checkpoint.resolve(stray), "stray");
    Files.writeString(folder.resolve("checkpoints/.DS_Store"), "stray");
    States.assertSame(States.of(2, 1), latest());
    assertEquals(List.of(), skipped);
  }

  @ParameterizedTest
  @ValueSource(strings = {"notes.txt", "policy (copy).safetensors", ".nfs", "~", "DS_Store"})
  void shouldIgnoreNothingElse(String foreign) throws IOException {
    Files.writeString(store.save(States.of(2, 1), "", "").resolve(foreign), "");
    assertTrue(refusal().contains(foreign + " is not in the manifest"), refusal());
  }

  @Test
  void shouldNameEveryCheckpointAndItsReasonWhenNoneCanBeRead() throws IOException {
    Files.writeString(store.save(States.of(1, 1), "", "").resolve("extra"), "");
    Files.delete(store.save(States.of(2, 1), "", "").resolve("policy.safetensors"));
    Files.write(store.save(States.of(3, 1), "", "").resolve("manifest.json"), new byte[9]);
    for (String said :
        List.of(
            "none of the 3 checkpoint(s)",
            "nothing was changed",
            "step-000003: ",
            "manifest.json is damaged",
            "step-000002: ",
            "policy.safetensors is missing",
            "step-000001: ",
            "extra is not in the manifest")) {
      assertTrue(refusal().contains(said), refusal());
    }
  }

  @Test
  void shouldNotGoBehindACheckpointOfANewerProgram() throws IOException {
    store.save(States.of(1, 1), "", "");
    Path manifest = store.save(States.of(2, 1), "", "").resolve("manifest.json");
    String text = Files.readString(manifest);
    Files.writeString(
        manifest, text.replace("\"format\" : 1", "\"format\" : 2, \"unheard\" : [1]"));
    assertTrue(refusal().contains("step-000002/manifest.json has format 2"), refusal());
  }

  /** Format 2 knew of no flat groups, format 1 of no evaluations either. */
  @Test
  void shouldReadTheLedgerOfAnOlderProgram() throws IOException {
    StepState state = States.of(1, 1);
    Path checkpoint = store.save(state, "", "");
    Path file = checkpoint.resolve("ledger.json");
    String now = Files.readString(file);
    String second =
        now.replace("\"format\" : 3", "\"format\" : 2").replaceAll(",\\s*\"flats\" : 0", "");
    assertFalse(second.contains("flats"), second);
    Files.writeString(file, second);
    assertEquals(state.ledger(), Checkpoint.ledger(checkpoint));
    String first =
        second
            .replace("\"format\" : 2", "\"format\" : 1")
            .replaceAll("\"evaluations\" : \\[[^]]*\\],", "");
    assertFalse(first.contains("evaluations"), first);
    Files.writeString(file, first);
    LedgerSnapshot read = Checkpoint.ledger(checkpoint);
    assertEquals(List.of(), read.evaluations());
    assertEquals(state.ledger().open(), read.open());
  }

  @Test
  void shouldNotTakeACheckpointForOneOfAnotherLedger() throws IOException {
    Files.write(ledger, new byte[99]);
    store.save(States.of(1, 1), "", ""); // made when the ledger had 100 bytes
    assertTrue(refusal().contains("ledger has 99 bytes"), refusal());
    Files.delete(ledger);
    assertTrue(refusal().contains("ledger is missing"), refusal());
    Files.write(ledger, new byte[300]);
    store.save(States.of(1, 1), "", Durable.sha256(ledger, 100));
    store.save(States.of(2, 1), "", Durable.sha256(folder.resolve("ledger"), 123));
    assertEquals(1, latest().step());
    assertTrue(skipped.get(0).contains("does not begin as it did"), skipped.get(0));
  }

  @Test
  void shouldNotDeleteWhatItJustWroteForDamagedOnesOfLaterSteps() throws IOException {
    CheckpointStore one = new CheckpointStore(folder.resolve("checkpoints"), 1);
    one.save(States.of(4, 1), "", "");
    Path damaged =
        new CheckpointStore(folder.resolve("checkpoints"), 9).save(States.of(9, 1), "", "");
    Files.delete(damaged.resolve("ledger.json"));
    assertEquals(4, one.latest(ledger, skipped::add).orElseThrow().step());
    one.save(States.of(5, 1), "", "");
    assertEquals(5, one.latest(ledger, skipped::add).orElseThrow().step());
    assertTrue(Files.exists(damaged.resolve("policy.safetensors")), "a later one was deleted");
  }

  @Test
  void shouldKeepAFileThatIsNotItsOwn() throws IOException {
    CheckpointStore one = new CheckpointStore(folder.resolve("checkpoints"), 1);
    Path notes = one.save(States.of(1, 1), "", "").resolve("notes.txt");
    Files.writeString(notes, "mine");
    Path stray = one.save(States.of(2, 1), "", "").resolve(".DS_Store");
    Files.writeString(stray, "");
    one.save(States.of(3, 1), "", "");
    assertEquals("mine", Files.readString(notes));
    assertFalse(Files.exists(stray.getParent()), "an old checkpoint was not deleted");
  }

  @Test
  void shouldGoOnWhenAnOldCheckpointCannotBeDeleted() throws IOException {
    Path old = folder.resolve("checkpoints/step-000001");
    try (TinyDisk busy =
        TinyDisk.mount(old, 64)) { // a mounted folder can be neither moved nor deleted
      CheckpointStore one = new CheckpointStore(busy.path().getParent(), 1);
      one.save(States.of(2, 1), "", "");
      one.save(States.of(3, 1), "", "");
      assertEquals(3, one.latest(ledger, skipped::add).orElseThrow().step());
      assertFalse(Files.exists(folder.resolve("checkpoints/step-000002")));
    }
  }
}
