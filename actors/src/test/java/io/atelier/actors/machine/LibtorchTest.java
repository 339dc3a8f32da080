package io.atelier.actors.machine;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.config.section.EnvironmentException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders that are laid out as those of PyTorch, without the libraries. */
class LibtorchTest {

  @TempDir private Path root;

  /** One whose version is told by {@code file}, seen from its folder {@code lib}. */
  private Libtorch libtorch(String file, String text) throws IOException {
    Path lib = Files.createDirectories(root.resolve("torch/lib"));
    Files.createFile(lib.resolve("libtorch.so"));
    Files.writeString(lib.resolve(file), text);
    return Libtorch.named(Map.of("PYTORCH_LIBRARY_PATH", lib.toString())).orElseThrow();
  }

  @ParameterizedTest
  @CsvSource({
    "../version.py,     '__all__ = []|__version__ = ''2.8.0+cu128''|debug = False', 2.8.0+cu128",
    "../build-version,  2.7.1+cpu|,                                             2.7.1+cpu",
    "build-version,     2.7.1+cuda12|,                                          2.7.1+cuda12",
    "../build-version,  2.8.0,                                                  2.8.0"
  })
  void shouldTellItsVersion(String file, String text, String version) throws IOException {
    Libtorch libtorch = libtorch(file, text.replace('|', '\n'));
    assertEquals(Optional.of(version), libtorch.version());
    assertDoesNotThrow(libtorch::require);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"1.13.1", "2.6.0", "2.9.0+cu128", "2.10.0", "2.70.0", "2.11.1a0+git", "3.0.0"})
  void shouldRefuseAnotherVersion(String version) throws IOException {
    Libtorch libtorch = libtorch("../version.py", "__version__ = '" + version + "'\n");
    String message = assertThrows(EnvironmentException.class, libtorch::require).getMessage();
    assertTrue(
        message.startsWith("libtorch in %s is version %s, ".formatted(libtorch.folder(), version)),
        message);
    assertTrue(message.contains("take 2.7 or 2.8"), message);
  }

  @Test
  void shouldNotGuessAVersion() throws IOException {
    Libtorch libtorch = libtorch("README", "2.9.0");
    assertEquals(Optional.empty(), libtorch.version());
    assertDoesNotThrow(libtorch::require);
  }

  @Test
  void shouldRefuseAFolderWithoutOne() throws IOException {
    Libtorch libtorch = new Libtorch(Files.createDirectory(root.resolve("empty")));
    String message = assertThrows(EnvironmentException.class, libtorch::require).getMessage();
    assertTrue(message.contains("PYTORCH_LIBRARY_PATH is " + root.resolve("empty")), message);
    assertTrue(message.contains("no libtorch.so"), message);
  }
}
