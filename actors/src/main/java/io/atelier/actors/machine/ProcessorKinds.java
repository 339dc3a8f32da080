package io.atelier.actors.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

  /**
   * Kind of the first processor, with its family, model and widest vectors: virtual machines call
   * processors of several generations by one name. Where no file tells, of the architecture.
   */
  String cpu() {
    Path file = root.resolve(CPUS);
    List<String> more = new ArrayList<>();
    value(file, "cpu family").ifPresent(family -> more.add("family " + family));
    value(file, "model").ifPresent(model -> more.add("model " + model));
    value(file, "flags").flatMap(ProcessorKinds::vectors).ifPresent(more::add);
    return value(file, "model name")
        .map(name -> more.isEmpty() ? name : "%s (%s)".formatted(name, String.join(", ", more)))
        .orElse(System.getProperty("os.arch"));
  }

  private static Optional<String> vectors(String flags) {
    List<String> all = List.of(flags.split(" "));
    if (all.contains("avx512f")) {
      return Optional.of("AVX-512");
    }
    return all.contains("avx2") ? Optional.of("AVX2") : Optional.empty();
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
