package io.atelier.actors.run.folder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.run.checkpoint.ChildJvm;
import io.atelier.actors.run.file.ReplacedException;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.run.file.TinyDisk;
import io.atelier.actors.run.file.WriteFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {

  @TempDir Path parent;

  private RunFolderException refused(org.junit.jupiter.api.function.Executable attempt) {
    return assertThrows(RunFolderException.class, attempt);
  }

  @Test
  void shouldTakeMissingAndEmptyFolder() throws IOException {
    Path missing = parent.resolve("a/b");
    try (RunFolder folder = RunFolder.create(missing, "x = 1")) {
      assertEquals("x = 1", Files.readString(folder.files().config()));
    }
    Path empty = Files.createDirectory(parent.resolve("empty"));
    RunFolder.create(empty, "").close();
  }

  @Test
  void shouldRefuseFolderWithFilesAndSayWhatToDo() throws IOException {
    Files.writeString(parent.resolve("notes.txt"), "mine");
    RunFolderException foreign = refused(() -> RunFolder.create(parent, ""));
    assertTrue(foreign.getMessage().contains("is not empty"), foreign.getMessage());
    assertTrue(foreign.getMessage().contains("run.dir="), foreign.getMessage());
    Path used = parent.resolve("used");
    RunFolder.create(used, "").close();
    RunFolderException run = refused(() -> RunFolder.create(used, ""));
    assertTrue(run.getMessage().contains("--resume " + used), run.getMessage());
    assertEquals("mine", Files.readString(parent.resolve("notes.txt")));
  }

  @Test
  void shouldRefuseFileAndFolderThatIsNoRun() throws IOException {
    Path file = Files.writeString(parent.resolve("file"), "");
    assertTrue(refused(() -> RunFolder.create(file, "")).getMessage().contains("is a file"));
    Path missing = parent.resolve("missing");
    assertTrue(refused(() -> RunFolder.resume(missing)).getMessage().contains("does not exist"));
    assertTrue(
        refused(() -> RunFolder.resume(parent)).getMessage().contains("is not a run folder"));
  }

  @Test
  void shouldRefuseFolderThatThisProcessUses() {
    Path used = parent.resolve("used");
    try (RunFolder folder = RunFolder.create(used, "")) {
      for (int i = 0; i < 2; i++) {
        RunFolderException e = refused(() -> RunFolder.resume(folder.files().root()));
        assertTrue(e.getMessage().contains("in use by this process"), e.getMessage());
      }
    }
    RunFolder.resume(used).close();
  }

  @Test
  @Timeout(60)
  void shouldRefuseFolderThatAnotherProcessUsesUntilItDies()
      throws IOException, InterruptedException {
    Path used = parent.resolve("used");
    try (ChildJvm child = ChildJvm.start(Holder.class, used.toString())) {
      String pid = child.awaitLine("held by ").substring("held by ".length());
      RunFolderException e = refused(() -> RunFolder.resume(used));
      assertTrue(e.getMessage().contains("in use by process " + pid), e.getMessage());
      child.kill();
    }
    RunFolder.resume(used).close();
  }

  /** Holds a run folder until it is killed. */
  static final class Holder {
    public static void main(String[] arguments) throws InterruptedException {
      try (RunFolder folder = RunFolder.create(Path.of(arguments[0]), "")) {
        System.out.println("held by " + ProcessHandle.current().pid());
        new CountDownLatch(1).await();
        System.out.println(folder);
      }
    }
  }

  @Test
  void shouldNumberFolders() throws IOException {
    Path first = RunFolder.nextFree(parent);
    assertEquals("001", first.getFileName().toString());
    Files.createDirectory(first);
    assertEquals("002", RunFolder.nextFree(parent).getFileName().toString());
  }

  @Test
  void shouldSayThatTheDiskIsFull() throws IOException {
    try (TinyDisk disk = TinyDisk.mount(parent.resolve("disk"), 64)) {
      disk.fill(8);
      WriteFailedException e =
          assertThrows(
              WriteFailedException.class,
              () -> RunFolder.create(disk.path().resolve("run"), "x".repeat(100_000)));
      assertTrue(e.getMessage().startsWith("disk full: "), e.getMessage());
    }
  }

  /** As one JVM does; but the root of a volume is never empty, and a conductor may die at once. */
  @Test
  void shouldNotBeginARunOfAClusterAmongOtherFiles() throws IOException {
    Path root = Files.createDirectory(parent.resolve("shared"));
    Files.createDirectory(root.resolve("lost+found"));
    Files.createFile(root.resolve(".snapshot"));
    Path notes = Files.writeString(root.resolve("notes.txt"), "mine");
    RunFolderException foreign =
        assertThrows(
            RunFolderException.class, () -> RunFolder.takeOver(root, "x = 1", files -> {}));
    assertTrue(foreign.getMessage().contains("it has notes.txt"), foreign.getMessage());
    assertFalse(Files.exists(new RunFiles(root).epochs()), "it was claimed");
    Files.delete(notes);
    RunFolder.takeOver(root, "x = 1", files -> {});
    Files.delete(new RunFiles(root).config()); // it died before it could write it
    Files.createFile(root.resolve("atelier.log"));
    assertEquals(2, RunFolder.takeOver(root, "x = 1", files -> {}).epoch());
    FreeFolder.requireOnCluster(root); // another one was faster between two looks
  }

  @Test
  void shouldLeaveARunAloneThatIsNotToBeTakenOver() {
    Path root = parent.resolve("shared");
    RunFolder first = RunFolder.takeOver(root, "x = 1", files -> {});
    IllegalStateException other = new IllegalStateException("another configuration");
    assertEquals(
        other,
        assertThrows(
            IllegalStateException.class,
            () ->
                RunFolder.takeOver(
                    root,
                    "x = 2",
                    files -> {
                      throw other;
                    })));
    first.requireMine();
    RunFolder second = RunFolder.takeOver(root, "x = 1", files -> {});
    assertEquals(first.epoch() + 1, second.epoch());
    assertThrows(ReplacedException.class, first::requireMine);
  }

  @Test
  void shouldRememberAPauseForWhoeverTakesOver() {
    Path root = parent.resolve("shared");
    RunFolder first = RunFolder.takeOver(root, "x = 1", files -> {});
    assertFalse(first.isPaused());
    first.pause(true);
    RunFolder second = RunFolder.takeOver(root, "x = 1", files -> {});
    assertTrue(second.isPaused());
    assertThrows(ReplacedException.class, () -> first.pause(false));
    assertTrue(second.isPaused(), "the one that was replaced ended the pause");
    second.pause(false);
    second.pause(false);
    assertFalse(RunFolder.takeOver(root, "x = 1", files -> {}).isPaused());
  }
}
