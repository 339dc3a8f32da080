package io.atelier.actors.machine;

import io.atelier.actors.config.section.EnvironmentException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A libtorch in a folder that was named, by the user or by the launcher, which the engine takes in
 * place of that of the jars.
 *
 * @param folder with the libraries
 */
record Libtorch(Path folder) {

  /** What names the folder: a variable or, where it is not set, a system property. */
  static final String NAME = "PYTORCH_LIBRARY_PATH";

  private static final String LIBRARY = System.mapLibraryName("torch");

  /** Places of the version, seen from the folder: in the archives of PyTorch, and in Python's. */
  private static final String[] VERSIONS = {"build-version", "../build-version", "../version.py"};

  private static final Pattern VERSION = Pattern.compile("\\d+\\.\\d+\\.[\\w.+]*");

  /** Versions whose functions are those that the engine calls. */
  private static final Pattern CALLABLE = Pattern.compile("2\\.[78]\\..*");

  private static final int MOST_BYTES = 4096;

  /** That of this process, if one was named. */
  static Optional<Libtorch> named() {
    return named(System.getenv()).or(() -> named(System.getProperty(NAME)));
  }

  static Optional<Libtorch> named(Map<String, String> environment) {
    return named(environment.get(NAME));
  }

  private static Optional<Libtorch> named(String folder) {
    return Optional.ofNullable(folder)
        .filter(path -> !path.isBlank())
        .map(path -> new Libtorch(Path.of(path)));
  }

  /**
   * Refuses what the engine cannot work with, before it tries.
   *
   * @throws EnvironmentException if there is no libtorch, or one of another version
   */
  void require() {
    if (!Files.isRegularFile(folder.resolve(LIBRARY))) {
      throw new EnvironmentException(
          "%s is %s, where there is no %s; name the folder lib of a libtorch 2.7 or 2.8"
              .formatted(NAME, folder, LIBRARY));
    }
    version()
        .filter(version -> !CALLABLE.matcher(version).matches())
        .ifPresent(
            version -> {
              throw new EnvironmentException(
                  "libtorch in %s is version %s, which the library between it and Java cannot call; take 2.7 or 2.8, such as that of pip install torch==2.8.0"
                      .formatted(folder, version));
            });
  }

  /** Whether it can compute on NVIDIA GPUs. */
  boolean isForGpus() {
    return Files.exists(folder.resolve(System.mapLibraryName("torch_cuda")));
  }

  /** Its version as far as its folder tells. */
  Optional<String> version() {
    for (String place : VERSIONS) {
      Path file = folder.toAbsolutePath().resolve(place).normalize();
      try {
        if (Files.isRegularFile(file) && Files.size(file) <= MOST_BYTES) {
          Matcher version = VERSION.matcher(Files.readString(file));
          if (version.find()) {
            return Optional.of(version.group());
          }
        }
      } catch (IOException e) {
        throw new EnvironmentException(
            "the version of libtorch cannot be read from %s: %s".formatted(file, e), e);
      }
    }
    return Optional.empty();
  }
}
