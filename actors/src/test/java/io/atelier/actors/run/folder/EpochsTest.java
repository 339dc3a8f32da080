package io.atelier.actors.run.folder;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.run.file.ReplacedException;
import io.atelier.actors.run.file.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EpochsTest {

  @TempDir Path folder;

  @Test
  void shouldBeReplacedByWhoeverComesNext() throws IOException {
    Epochs first = Epochs.claim(folder.resolve("epochs"));
    assertDoesNotThrow(first::requireMine);
    Epochs second = Epochs.claim(folder.resolve("epochs"));
    assertEquals(1, first.mine());
    assertEquals(2, second.mine());
    ReplacedException replaced = assertThrows(ReplacedException.class, first::requireMine);
    assertTrue(replaced.getMessage().contains("this one is number 1"), replaced.getMessage());
    assertDoesNotThrow(second::requireMine);
    try (Stream<Path> files = Files.list(folder.resolve("epochs"))) {
      assertEquals(2, files.count(), "looking leaves nothing behind");
    }
  }

  @Test
  void shouldSeeTheNextThroughAMountThatRemembersItAsMissing() throws IOException {
    Path storage = Files.createDirectories(folder.resolve("storage"));
    try (CachingMount mine = CachingMount.of(storage, folder.resolve("mine"));
        CachingMount other = CachingMount.of(storage, folder.resolve("other"))) {
      Epochs first = Epochs.claim(mine.path().resolve("epochs"));
      assertFalse(Files.exists(mine.path().resolve("epochs/000002")), "now it is remembered");
      Epochs.claim(other.path().resolve("epochs"));
      assertTrue(Files.exists(storage.resolve("epochs/000002")));
      assertFalse(
          Files.exists(mine.path().resolve("epochs/000002")), "the mount keeps what it saw");
      assertThrows(ReplacedException.class, first::requireMine);
    }
  }

  /** A second way to a folder, which keeps for a minute what it has looked up, as NFS may. */
  private record CachingMount(Path path) implements AutoCloseable {

    static CachingMount of(Path storage, Path where) throws IOException {
      Files.createDirectories(where);
      String keep = "entry_timeout=60,negative_timeout=60,attr_timeout=60,ac_attr_timeout=60";
      Assumptions.assumeTrue(
          Shell.succeeds("bindfs", "-o", keep, storage.toString(), where.toString()),
          "a mount with a cache needs bindfs, and root");
      return new CachingMount(where);
    }

    @Override
    public void close() {
      Shell.succeeds("umount", "-l", path.toString());
    }
  }
}
