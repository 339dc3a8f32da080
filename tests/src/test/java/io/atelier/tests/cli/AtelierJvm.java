package io.atelier.tests.cli;

import io.atelier.actors.cli.Main;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * {@code ./atelier} in a JVM of its own. The tests start it about a hundred times, mostly for some
 * seconds, so it compiles little and maps the classes of the libraries from an archive: that is a
 * third of what a start takes.
 */
public final class AtelierJvm {

  private AtelierJvm() {}

  /**
   * A command line.
   *
   * @param heap most that the heap may take, such as {@code 512m}
   * @param options of the JVM; they follow those of {@code cluster-conf/jvm.options}
   * @param arguments of {@code ./atelier}
   */
  public static List<String> command(String heap, List<String> options, List<String> arguments) {
    return command(heap, options, List.of(), arguments);
  }

  /**
   * The same.
   *
   * @param more jars or folders at the end of the class path, where those of a user are
   */
  public static List<String> command(
      String heap, List<String> options, List<Path> more, List<String> arguments) {
    List<String> all = new ArrayList<>(Archive.OPTIONS);
    all.addAll(options);
    StringBuilder classPath = new StringBuilder(classPath());
    more.forEach(entry -> classPath.append(File.pathSeparator).append(entry));
    return line(heap, all, classPath.toString(), arguments);
  }

  private static List<String> line(
      String heap, List<String> options, String classPath, List<String> arguments) {
    Path shipped =
        Path.of(System.getProperty("atelier.root", ".."))
            .resolve("cluster-conf/jvm.options")
            .toAbsolutePath();
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    command.addAll(List.of("@" + shipped, "-Xmx" + heap));
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, Main.class.getName()));
    command.addAll(arguments);
    return command;
  }

  private static List<String> entries() {
    return List.of(System.getProperty("java.class.path").split(File.pathSeparator));
  }

  private static List<String> jars() {
    return entries().stream().filter(entry -> entry.endsWith(".jar")).toList();
  }

  /** That of the tests, jars first: an archive is of these only. */
  private static String classPath() {
    Stream<String> folders = entries().stream().filter(entry -> !entry.endsWith(".jar"));
    return String.join(File.pathSeparator, Stream.concat(jars().stream(), folders).toList());
  }

  /**
   * Made by the first test that needs it, of any process, and kept with the caches of the tests.
   */
  private static final class Archive {
    static final List<String> OPTIONS = options();

    private Archive() {}

    private static List<String> options() {
      String caches = System.getenv("XDG_CACHE_HOME");
      if (caches == null) {
        return List.of();
      }
      try {
        Path folder = Files.createDirectories(Path.of(caches));
        Path archive = folder.resolve("classes-%s.jsa".formatted(key()));
        if (!Files.exists(archive)) {
          make(archive);
        }
        return Files.exists(archive)
            // a JVM that cannot use it goes on without it, and is not to say so
            ? List.of("-XX:SharedArchiveFile=" + archive, "-Xlog:cds*=off")
            : List.of();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    private static String key() throws IOException {
      List<Object> parts = new ArrayList<>(List.of(System.getProperty("java.vm.version")));
      for (String jar : jars()) {
        parts.addAll(
            List.of(jar, Files.size(Path.of(jar)), Files.getLastModifiedTime(Path.of(jar))));
      }
      return Integer.toHexString(Objects.hash(parts.toArray()));
    }

    /** Of all classes that a node with several roles loads in a run of one step. */
    private static void make(Path archive) throws IOException, InterruptedException {
      Path lock = archive.resolveSibling("classes.lock");
      try (FileChannel other =
          FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        other.lock(); // until it is closed; the tests run in several processes
        if (Files.exists(archive)) {
          return;
        }
        Path folder = Files.createTempDirectory(archive.getParent(), "classes-");
        Path log = folder.resolve("log");
        Path aside = archive.resolveSibling(archive.getFileName() + ".aside");
        List<String> options = List.of("-XX:ArchiveClassesAtExit=" + aside);
        Process node =
            new ProcessBuilder(
                    line("512m", options, String.join(File.pathSeparator, jars()), node(folder)))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        boolean ended = node.waitFor(300, TimeUnit.SECONDS);
        node.destroyForcibly();
        if (ended && node.waitFor() == 0 && Files.exists(aside)) {
          Files.move(aside, archive, StandardCopyOption.ATOMIC_MOVE);
        } else {
          System.out.println("JVMs start without an archive of classes, see " + log);
        }
      }
    }

    private static List<String> node(Path folder) throws IOException {
      int port;
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        port = socket.getLocalPort();
      }
      List<String> arguments = new ArrayList<>(List.of("node", "--role", "learner,rollout,reward"));
      arguments.addAll(TinyPipeline.SHORT);
      arguments.addAll(List.of("run.steps=1", "run.dir=" + folder.resolve("run")));
      arguments.addAll(List.of("model.path=" + TinyPipeline.path(), "data.through-vae=false"));
      arguments.addAll(List.of("cluster.host=127.0.0.1", "cluster.port=" + port));
      arguments.add("cluster.seeds=[\"127.0.0.1:%d\"]".formatted(port));
      return arguments;
    }
  }
}
