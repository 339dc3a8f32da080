package io.atelier.actors.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** NVIDIA GPUs of a machine, as far as its files tell: libtorch says only that it sees none. */
final class Gpus {

  private final Path root;

  /** The variable that has GPUs left alone, and its value. */
  private final Optional<String> leftAlone;

  private final Optional<Libtorch> libtorch;

  /**
   * @param root of the file system
   * @param libtorch that was named, if any
   */
  Gpus(Path root, Map<String, String> environment, Optional<Libtorch> libtorch) {
    this.root = root;
    this.leftAlone =
        setting("ATELIER_DEVICE", "cpu", environment)
            .or(() -> setting("CUDA_VISIBLE_DEVICES", "\\s*|-.*", environment));
    this.libtorch = libtorch;
  }

  private static Optional<String> setting(
      String name, String values, Map<String, String> environment) {
    return Optional.ofNullable(environment.get(name))
        .filter(value -> value.matches(values))
        .map(value -> name + "=" + value);
  }

  /** Those of this machine. */
  static Gpus here() {
    return new Gpus(Path.of("/"), System.getenv(), Libtorch.named());
  }

  /** Whether the system has a file for one. */
  boolean arePresent() {
    try (Stream<Path> devices = Files.list(root.resolve("dev"))) {
      return devices.anyMatch(file -> file.getFileName().toString().matches("nvidia[0-9]+"));
    } catch (IOException e) {
      return false; // a system without such files
    }
  }

  /** Whether there is one, or a libtorch for one was chosen; and nobody said to leave it alone. */
  boolean areExpected() {
    return leftAlone.isEmpty()
        && (arePresent() || libtorch.filter(Libtorch::isForGpus).isPresent());
  }

  /** Why libtorch sees no GPU, and what to do. */
  String whyUnseen() {
    if (leftAlone.isPresent()) {
      return leftAlone.get() + " leaves GPUs alone; unset it";
    }
    if (!arePresent()) {
      return "no NVIDIA GPU is seen on this machine (there is no /dev/nvidia0); look at nvidia-smi, and give a"
          + " container its GPUs";
    }
    return libtorch
        .map(
            named ->
                (named.isForGpus()
                        ? "there is an NVIDIA GPU, but the libtorch in %s does not see it; look at nvidia-smi and at"
                            + " CUDA_VISIBLE_DEVICES"
                        : "there is an NVIDIA GPU, but the libtorch in %s is for the CPU only; name one for CUDA by "
                            + Libtorch.NAME)
                    .formatted(named.folder()))
        .orElse(
            "there is an NVIDIA GPU, but the libtorch in use is for the CPU only; ./atelier fetches one for"
                + " CUDA, 3 GB, before the first command that computes, such as ./atelier sample; what starts"
                + " without it names one by "
                + Libtorch.NAME);
  }
}
