package io.atelier.actors.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What kind of processors there are, as far as files of Linux tell: to know again a machine on
 * which something was measured.
 *
 * @param root of the file system
 */
record ProcessorKinds(Path root) {

  private static final Path CPUS = Path.of("proc/cpuinfo");
  private static final Path GPUS = Path.of("proc/driver/nvidia/gpus");

  /** Kind of the first processor; where no file tells, of the architecture. */
  String cpu() {
    return value(root.resolve(CPUS), "model name").orElse(System.getProperty("os.arch"));
  }

  /** Kinds of the GPUs, each once. */
  String gpus() {
    try (Stream<Path> folders = Files.list(root.resolve(GPUS))) {
      List<String> names =
          folders
              .flatMap(folder -> value(folder.resolve("information"), "Model").stream())
              .distinct()
              .sorted()
              .toList();
      return names.isEmpty() ? "a GPU" : String.join(", ", names);
    } catch (IOException e) {
      return "a GPU"; // a driver that tells nothing here, as in some containers
    }
  }

  /** The value of the first line "key : value". */
  private static Optional<String> value(Path file, String key) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.matches(key + "\\s*:.*"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    } catch (IOException e) {
      return Optional.empty(); // another system than Linux
    }
  }
}
