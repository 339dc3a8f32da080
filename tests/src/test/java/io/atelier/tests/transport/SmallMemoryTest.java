package io.atelier.tests.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.atelier.actors.transport.HostLimitException;
import io.atelier.actors.transport.plane.DataPlane;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A data plane where {@code /dev/shm} is small, as in a container: processes that see another one.
 */
@Timeout(120)
class SmallMemoryTest {

  /** A process that starts a data plane, says whether it did, and ends in one of three ways. */
  static final class Start {
    public static void main(String[] arguments) {
      try {
        DataPlane plane = DataPlane.start(Planes.config());
        System.out.println("started");
        switch (arguments[0]) {
          case "close" -> plane.close();
          case "halt" -> Runtime.getRuntime().halt(0); // as if it were killed
          default -> throw new IllegalArgumentException(arguments[0]);
        }
        System.exit(0);
      } catch (HostLimitException e) {
        System.out.println("refused: " + e.getMessage());
        System.exit(2);
      }
    }
  }

  @BeforeEach
  void requireNamespaces() throws Exception {
    assumeTrue(
        run("unshare", "-m", "mount", "-t", "tmpfs", "t", "/dev/shm").endsWith("0"),
        "only root with mount namespaces can have another /dev/shm");
  }

  /**
   * Runs a script where {@code /dev/shm} is of this size and empty; what it wrote, and its exit
   * code.
   */
  private static String within(String size, String script) throws Exception {
    String java = ProcessHandle.current().info().command().orElseThrow();
    String options =
        Path.of(System.getProperty("atelier.root", ".."), "cluster-conf/jvm.options") + "";
    String start =
        "start() { '%s' '@%s' -cp '%s' '%s' \"$1\"; }\n"
            .formatted(java, options, System.getProperty("java.class.path"), Start.class.getName());
    return run(
        "unshare",
        "-m",
        "bash",
        "-c",
        "mount -t tmpfs -o size=%s t /dev/shm || exit 9\n%s%s".formatted(size, start, script));
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(new ArrayList<>(List.of(command))).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return output + process.waitFor();
  }

  @ParameterizedTest
  @CsvSource({"64k, 0 MiB", "8m, 8 MiB", "14m, 14 MiB"})
  void shouldSayThatThereIsTooLittle(String size, String free) throws Exception {
    String output = within(size, "start close; code=$?; ls /dev/shm; exit $code");
    assertTrue(output.contains("refused: /dev/shm has " + free + " free, a node needs 1"), output);
    assertTrue(output.contains("--shm-size"), output);
    assertTrue(output.endsWith("\n2"), "something was left: " + output);
  }

  @Test
  void shouldSayThatOthersTookTheRoom() throws Exception {
    String output = within("64m", "head -c 60m /dev/zero > /dev/shm/theirs; start close");
    assertTrue(output.contains("/dev/shm has 4 MiB free"), output);
    assertTrue(output.contains("or end what fills it"), output);
  }

  @Test
  void shouldStartInAContainerOfDefaultSize() throws Exception {
    String output = within("64m", "start close; ls -A /dev/shm");
    assertEquals("started\n0", output);
  }

  /** What it deletes is its own, of a process that is gone; everything else stays. */
  @Test
  void shouldDeleteWhatDeadProcessesLeft() throws Exception {
    String output =
        within(
            "24m",
            """
            mkdir /dev/shm/atelier-plane-mine /dev/shm/theirs; touch /dev/shm/atelier-plane-mine/x
            start halt; start halt; start close; ls /dev/shm
            """);
    assertEquals("started\nstarted\nstarted\natelier-plane-mine\ntheirs\n0", output);
  }
}
