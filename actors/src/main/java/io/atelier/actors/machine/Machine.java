package io.atelier.actors.machine;

import com.sun.management.OperatingSystemMXBean;
import io.atelier.actors.config.section.EnvironmentException;
import io.atelier.models.cache.CacheFolder;
import io.atelier.models.tensor.DeviceChoice;
import io.atelier.models.tensor.NoGpuException;
import io.atelier.models.tensor.Torch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folders that native libraries need, and how text comes in. Each method says in a line what it
 * found, or throws with what is wrong and what to do.
 */
public final class Machine {

  private static final long MIB = 1 << 20;

  /** Libtorch and what belongs to it, unpacked. */
  private static final long LIBTORCH = 600 * MIB;

  private static final int PROBE_BYTES = 1 << 16;
  private static final String OTHER_CACHE = "set XDG_CACHE_HOME to a folder elsewhere";

  private Machine() {}

  /**
   * Looks at the folders, and starts libtorch.
   *
   * @param types that are computed in and kept, in words
   * @return what computes
   * @throws EnvironmentException if a folder is not as it has to be, libtorch cannot be loaded, or
   *     there is no GPU where there is to be one
   */
  public static Computing start(int threads, DeviceChoice device, String types) {
    folders();
    Libtorch.named().ifPresent(Libtorch::require);
    try {
      Torch.start(threads, device);
      return computing(device, types, Gpus.here());
    } catch (NoGpuException e) {
      throw new EnvironmentException(
          "there is to be a GPU (device cuda), but " + Gpus.here().whyUnseen(), e);
    } catch (LinkageError e) {
      Path place = Libtorch.named().map(Libtorch::folder).orElseGet(Machine::libraries);
      throw new EnvironmentException(
          "libtorch cannot be loaded from %s: %s; ./atelier doctor looks for the reason"
              .formatted(place, e.getMessage()),
          e);
    }
  }

  /**
   * What a process computes with.
   *
   * @param what device, types, library and threads
   * @param warning that a GPU is left idle which nobody said was to be
   */
  public record Computing(String what, Optional<String> warning) {

    /** The same as a sentence. */
    public String line() {
      return "computing on " + what;
    }

    /** What a run or node says first. */
    public List<String> lines() {
      return Stream.concat(Stream.of(line()), warning.stream()).toList();
    }
  }

  static Computing computing(DeviceChoice device, String types, Gpus gpus) {
    boolean gpu = Torch.device().isGpu();
    boolean meant = gpu || device == DeviceChoice.CPU || !gpus.areExpected();
    return new Computing(
        "%s in %s, libtorch %s, %d thread(s) for an operation"
            .formatted(gpu ? "the first GPU" : "the CPU", types, version(), Torch.threads()),
        meant
            ? Optional.empty()
            : Optional.of(
                "WARNING: this computes on the CPU: %s; device cpu says that it is meant"
                    .formatted(gpus.whyUnseen())));
  }

  /** That of the engine is of the jars; a folder has one of its own. */
  private static String version() {
    return Libtorch.named()
        .map(named -> named.version().orElse("of unknown version"))
        .orElseGet(Torch::version);
  }

  /**
   * Looks at the folders, before the first library is loaded.
   *
   * @throws EnvironmentException if one is not as it has to be
   */
  public static void folders() {
    temporary();
    cache();
  }

  /**
   * Bytes of memory that native code computes in, as far as this process may have them: of a
   * container with a limit, that. More than any where a GPU computes, whose memory is its own.
   */
  public static long memory(DeviceChoice device) {
    return expectsGpu(device)
        ? Long.MAX_VALUE
        : ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }

  /** Whether a process that is to compute on {@code device} takes a GPU, as far as files tell. */
  public static boolean expectsGpu(DeviceChoice device) {
    return device == DeviceChoice.CUDA || device == DeviceChoice.AUTO && Gpus.here().areExpected();
  }

  /** Whether this process computes on a GPU. */
  public static boolean isOnGpu() {
    return Torch.device().isGpu();
  }

  /** Number and kind of the processors, and the kinds of GPU if one of them computes. */
  public static String processor(boolean gpu) {
    ProcessorKinds here = new ProcessorKinds(Path.of("/"));
    String cpus = "%d x %s".formatted(Runtime.getRuntime().availableProcessors(), here.cpu());
    return gpu ? here.gpus() + " beside " + cpus : cpus;
  }

  /** The folder for temporary files. */
  public static String temporary() {
    Path folder = Path.of(System.getProperty("java.io.tmpdir"));
    try {
      Path file = Files.createTempFile(folder, "atelier-", ".probe");
      try {
        Files.write(file, new byte[PROBE_BYTES]);
      } finally {
        Files.delete(file);
      }
      return folder + " can be written";
    } catch (IOException e) {
      throw new EnvironmentException(
          "no temporary file can be written in %s (%s); make room there, or set TMPDIR to another folder"
              .formatted(folder, reason(e)),
          e);
    }
  }

  /** The folder that libraries and the embedded model are unpacked into. */
  public static String cache() {
    try {
      Path cache = CacheFolder.get();
      Path libraries = Files.createDirectories(libraries());
      for (Path folder : new Path[] {cache, libraries}) {
        if (Mounts.isNoexec(folder)) {
          throw new EnvironmentException(
              "libraries are loaded from %s, whose file system is mounted noexec; %s"
                  .formatted(folder, OTHER_CACHE));
        }
      }
      long free = libraries.toFile().getUsableSpace();
      if (free < LIBTORCH && !hasLibtorch(libraries)) {
        throw new EnvironmentException(
            "%s has %d MiB free, %d are needed once to unpack libtorch; make room there, or %s"
                .formatted(libraries, free / MIB, LIBTORCH / MIB, OTHER_CACHE));
      }
      return "%s, %d MiB free".formatted(cache, free / MIB);
    } catch (IOException e) {
      throw new EnvironmentException(
          "nothing can be unpacked into %s (%s); %s".formatted(libraries(), reason(e), OTHER_CACHE),
          e);
    } catch (UncheckedIOException e) {
      throw new EnvironmentException(e.getMessage(), e);
    }
  }

  /** Where the engine unpacks its libraries: the cache unless the user said where. */
  private static Path libraries() {
    return Path.of(
        Optional.ofNullable(System.getenv("DJL_CACHE_DIR"))
            .orElseGet(() -> System.getProperty("DJL_CACHE_DIR")));
  }

  /** One in a folder of its own needs no room. */
  private static boolean hasLibtorch(Path libraries) throws IOException {
    if (Libtorch.named().isPresent()) {
      return true;
    }
    try (Stream<Path> files =
        Files.find(
            libraries,
            3,
            (path, attributes) -> path.endsWith(System.mapLibraryName("torch_cpu")))) {
      return files.findAny().isPresent();
    }
  }

  /** How arguments, paths and the environment are read. */
  public static String locale() {
    String encoding = System.getProperty("sun.jnu.encoding");
    if (!encoding.equalsIgnoreCase("UTF-8")) {
      throw new EnvironmentException(
          "arguments and paths are read as %s, not as UTF-8; start by ./atelier, or set LC_ALL=C.UTF-8"
              .formatted(encoding));
    }
    return "arguments and paths are read as " + encoding;
  }

  private static String reason(IOException e) {
    return e.getMessage() == null
        ? e.getClass().getSimpleName()
        : e.toString().replaceFirst("^java\\.[a-z.]+", "");
  }
}
