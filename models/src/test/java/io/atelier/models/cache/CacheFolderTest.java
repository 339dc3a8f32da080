package io.atelier.models.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
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
