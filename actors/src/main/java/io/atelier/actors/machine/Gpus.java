package io.atelier.actors.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** NVIDIA GPUs of a machine, as far as its files tell: libtorch says only that it sees none. */
final class Gpus {

  private static final String LIBTORCH = "PYTORCH_LIBRARY_PATH";

  private final Path root;
  private final Map<String, String> environment;

  /**
   * @param root of the file system
   */
  Gpus(Path root, Map<String, String> environment) {
    this.root = root;
    this.environment = environment;
  }

  /** Those of this machine. */
  static Gpus here() {
    return new Gpus(Path.of("/"), System.getenv());
  }

  /** Whether the system has a file for one. */
  boolean arePresent() {
    try (Stream<Path> devices = Files.list(root.resolve("dev"))) {
      return devices.anyMatch(file -> file.getFileName().toString().matches("nvidia[0-9]+"));
    } catch (IOException e) {
      return false; // a system without such files
    }
  }

  /** Whether there is one, or libtorch was chosen as for one. */
  boolean areExpected() {
    return arePresent() || libtorch().isPresent();
  }

  private Optional<String> libtorch() {
    return Optional.ofNullable(environment.get(LIBTORCH)).filter(path -> !path.isBlank());
  }

  /** Why libtorch sees no GPU, and what to do. */
  String whyUnseen() {
    if (!arePresent()) {
      return "no NVIDIA GPU is seen on this machine (there is no /dev/nvidia0); look at nvidia-smi, and give a"
          + " container its GPUs";
    }
    return libtorch()
        .map(
            path ->
                "there is an NVIDIA GPU, but libtorch of %s=%s does not see it; look at nvidia-smi, at"
                        .formatted(LIBTORCH, path)
                    + " CUDA_VISIBLE_DEVICES, and whether that libtorch is one for CUDA")
        .orElse(
            "there is an NVIDIA GPU, but the libtorch in use is for the CPU only; see CUDA in"
                + " CONTRIBUTING.md for one that uses it");
  }
}
