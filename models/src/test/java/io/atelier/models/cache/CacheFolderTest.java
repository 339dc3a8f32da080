package io.atelier.models.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CacheFolderTest {

  @TempDir Path folder;

  private CacheFolder.Choice choose(Map<String, String> environment, String home) {
    return CacheFolder.choose(environment, home, folder);
  }

  /** Where it is among temporary files. */
  private Path own() throws IOException {
    return folder.resolve("atelier-cache-" + Files.getAttribute(folder, "unix:uid"));
  }

  @Test
  void shouldFollowTheUser() {
    String x = folder.resolve("x").toString();
    String h = folder.resolve("h").toString();
    String s = folder.resolve("s").toString();
    assertEquals(
        new CacheFolder.Choice(folder.resolve("x/atelier"), List.of()),
        choose(Map.of("XDG_CACHE_HOME", x, "HOME", h), s));
    assertEquals(folder.resolve("h/.cache/atelier"), choose(Map.of("HOME", h), s).folder());
    assertEquals(folder.resolve("s/.cache/atelier"), choose(Map.of("HOME", ""), s).folder());
    assertTrue(Files.isDirectory(folder.resolve("s/.cache/atelier")));
  }

  /** What the JVM says of a user without a home, what containers say, what does not exist. */
  @ParameterizedTest
  @ValueSource(strings = {"?", "/", "", "relative", "/proc/nobody"})
  void shouldNeverMakeAFolderWhereTheHomeIsNone(String home) throws IOException {
    CacheFolder.Choice choice = choose(Map.of("HOME", home), home);
    assertEquals(own(), choice.folder());
    assertEquals(
        "rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(choice.folder())));
    assertFalse(choice.refused().isEmpty(), "without a word");
    assertFalse(!home.isEmpty() && !home.equals("/") && Files.exists(Path.of(home)), home);
    assertEquals(choice, choose(Map.of("HOME", home), home), "unpacked again by the next process");
  }

  /** As processes of one user do that start at the same time. */
  @Test
  void shouldBeMadeByOneOfThoseWhoStartTogether() throws Exception {
    int together = 4;
    ExecutorService threads = Executors.newFixedThreadPool(together);
    try {
      for (int round = 0; round < 300; round++) {
        Path parent = Files.createDirectory(folder.resolve("round-" + round));
        CyclicBarrier start = new CyclicBarrier(together);
        Callable<Path> process =
            () -> {
              start.await();
              return CacheFolder.choose(Map.of(), "?", parent).folder();
            };
        Set<Path> chosen = new HashSet<>();
        for (Future<Path> each : threads.invokeAll(Collections.nCopies(together, process))) {
          chosen.add(each.get());
        }
        assertEquals(1, chosen.size(), chosen::toString);
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void shouldSayWhatWasNotTaken() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    CacheFolder.Choice choice =
        choose(Map.of("XDG_CACHE_HOME", "" + file, "HOME", "" + folder.resolve("h")), "?");
    assertEquals(folder.resolve("h/.cache/atelier"), choice.folder());
    assertEquals(
        List.of("XDG_CACHE_HOME is %s (cannot be written)".formatted(file)), choice.refused());
  }

  @Test
  void shouldNotLoadLibrariesFromWhatOthersCanWrite() throws IOException {
    Path theirs = Files.createDirectory(own());
    Files.setPosixFilePermissions(theirs, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertNotEquals(theirs, choose(Map.of(), "?").folder());
  }
}
