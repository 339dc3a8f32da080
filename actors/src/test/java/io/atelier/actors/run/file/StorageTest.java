package io.atelier.actors.run.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.run.checkpoint.Checkpoint;
import io.atelier.actors.run.checkpoint.CheckpointStore;
import io.atelier.actors.run.checkpoint.States;
import io.atelier.actors.run.folder.RunIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With a file whose first byte the kernel does not give: it answers "Input/output error". */
class StorageTest {

  private static final Path BROKEN = Path.of("/proc/self/mem");

  @TempDir Path folder;
  private final List<Duration> waits = new ArrayList<>();

  private Path metrics() {
    return folder.resolve("metrics.jsonl");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void shouldReadWhatComesBackAfterSomeTries(int failures) throws IOException {
    Files.createSymbolicLink(metrics(), BROKEN);
    byte[] read =
        Storage.read(
            metrics(),
            () -> Files.readAllBytes(metrics()),
            pause -> {
              waits.add(pause);
              if (waits.size() == failures) {
                mend();
              }
            });
    assertEquals("{\"step\":1}\n", new String(read, StandardCharsets.UTF_8));
    assertEquals(Storage.PAUSES.subList(0, failures), waits);
  }

  private void mend() {
    try {
      Files.delete(metrics());
      Files.writeString(metrics(), "{\"step\":1}\n");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldGiveUpInOneLineAndNotCallItWrongUse() throws IOException {
    Files.createSymbolicLink(metrics(), BROKEN);
    ReadFailedException e =
        assertThrows(
            ReadFailedException.class,
            () -> Storage.read(metrics(), () -> Files.readAllBytes(metrics()), waits::add));
    assertEquals(Storage.PAUSES, waits);
    assertTrue(
        e.getMessage().startsWith(metrics() + " cannot be read: Input/output error; "),
        e.getMessage());
  }

  @Test
  @Timeout(60)
  void shouldTryAgainByItselfWhereLinesAndCheckpointsAreRead() throws Exception {
    CheckpointStore store = new CheckpointStore(folder.resolve("checkpoints"), 1);
    Path tensors = store.save(States.of(2, 1), "", "").resolve("policy.safetensors");
    Path aside = Files.move(tensors, folder.resolve("aside"));
    Files.createSymbolicLink(tensors, BROKEN);
    Files.createSymbolicLink(metrics(), BROKEN);
    CompletableFuture<Void> mended =
        CompletableFuture.runAsync(
            () -> {
              mend();
              try {
                Files.delete(tensors);
                Files.move(aside, tensors);
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            },
            CompletableFuture.delayedExecutor(400, TimeUnit.MILLISECONDS));
    assertEquals(1, JsonLines.read(metrics()).size());
    assertEquals(2, Checkpoint.verify(tensors.getParent()));
    mended.get();
  }

  @Test
  @Timeout(60)
  void shouldTryAgainByItselfWhereItIsReadWhatARunIs() throws Exception {
    RunFiles files = new RunFiles(folder);
    Files.createSymbolicLink(files.identity(), BROKEN);
    CompletableFuture<Void> mended =
        CompletableFuture.runAsync(
            () -> {
              try {
                Files.delete(files.identity());
                Files.writeString(files.identity(), "{\"format\":7}");
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            },
            CompletableFuture.delayedExecutor(400, TimeUnit.MILLISECONDS));
    RunFolderException read = assertThrows(RunFolderException.class, () -> RunIdentity.read(files));
    assertTrue(read.getMessage().contains("identity.json has format 7"), read.getMessage());
    mended.get();
  }

  @ParameterizedTest
  @ValueSource(strings = {"missing", ".", "loop"})
  void shouldNotTryAgainWhatStaysWrong(String name) throws IOException {
    Path loop = folder.resolve("loop");
    Files.createSymbolicLink(loop, loop);
    Path file = folder.resolve(name);
    assertThrows(
        RunFolderException.class,
        () -> Storage.read(file, () -> Files.readAllBytes(file), waits::add));
    assertEquals(List.of(), waits);
  }

  @Test
  void shouldListNothingWhereNothingIs() {
    assertEquals(List.of(), Storage.list(folder.resolve("missing")));
  }
}
