package io.atelier.actors.cli.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.config.section.EnvironmentException;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.report.RunFailedException;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.run.file.WriteFailedException;
import io.atelier.models.files.FileException;
import io.atelier.models.safetensors.SafetensorsException;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FailuresTest {

  /** What was said, and the exit code. */
  private record Said(int code, List<String> lines) {}

  private static Said said(Throwable failure) {
    StringWriter err = new StringWriter();
    int code =
        Failures.handle(failure, new PrintWriter(err, true), List.of("train", "run.steps=2"));
    return new Said(code, err.toString().lines().toList());
  }

  static Stream<Arguments> explained() {
    Path file = Path.of("/run/metrics.jsonl");
    return Stream.of(
        Arguments.of(2, new InvalidConfigException("run.seed is \"x\"")),
        Arguments.of(2, new EnvironmentException("/dev/shm has 64 MiB")),
        Arguments.of(2, new RunFolderException("run folder r is in use")),
        Arguments.of(2, new WriteFailedException(file, new AccessDeniedException("/run"))),
        Arguments.of(1, new WriteFailedException(file, new IOException("Stale file handle"))),
        Arguments.of(2, new RunFailedException("no room", new EnvironmentException("no room"))),
        Arguments.of(
            1, new RunFailedException("x", new IllegalStateException("CUDA out of memory"))),
        Arguments.of(2, new SafetensorsException("model.safetensors: truncated?")),
        Arguments.of(2, new FileException("config.json is no JSON")),
        Arguments.of(
            1, new SafetensorsException("it cannot be read", new IOException("Stale file handle"))),
        Arguments.of(1, new ArithmeticException("the policy's weights have diverged")),
        Arguments.of(1, new RunFailedException("reward-0 failed")));
  }

  @ParameterizedTest
  @MethodSource("explained")
  void shouldSayInOneLineWhatIsExplainedAndWhetherAPersonIsNeeded(
      int code, RuntimeException failure) {
    assertEquals(new Said(code, List.of("atelier: " + failure.getMessage())), said(failure));
  }

  @Test
  void shouldSayWhatToDoWithoutMemory() {
    Error direct = assertThrows(OutOfMemoryError.class, FailuresTest::reserveTooMuch);
    for (Throwable failure : List.of(direct, new IllegalStateException(direct))) {
      Said said = said(failure);
      assertEquals(1, said.code());
      assertEquals(1, said.lines().size(), said.toString());
      assertTrue(said.lines().get(0).startsWith("atelier: out of memory ("), said.toString());
      assertTrue(said.lines().get(0).contains("MaxDirectMemorySize"), said.toString());
    }
  }

  private static void reserveTooMuch() {
    Object[] held = new Object[100];
    for (int i = 0; i < held.length; i++) {
      held[i] = ByteBuffer.allocateDirect(Integer.MAX_VALUE);
    }
  }

  @Test
  void shouldPointToDoctorWhenALibraryIsMissing() {
    Error missing =
        assertThrows(UnsatisfiedLinkError.class, () -> System.loadLibrary("atelier-is-not-there"));
    Said said = said(missing);
    assertEquals(2, said.code());
    assertEquals(1, said.lines().size(), said.toString());
    assertTrue(said.lines().get(0).contains("./atelier doctor"), said.toString());
  }

  static Stream<Arguments> bugs() {
    return Stream.of(
        Arguments.of(assertThrows(RuntimeException.class, () -> List.of().iterator().next())),
        Arguments.of(assertThrows(RuntimeException.class, () -> Integer.parseInt("x"))),
        Arguments.of(assertThrows(RuntimeException.class, () -> new int[0].clone()[1]++)),
        Arguments.of(new RunFailedException("reward-0 failed", new NullPointerException())),
        Arguments.of(new IllegalStateException()));
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void shouldSayHowToReportABug(RuntimeException bug) throws IOException {
    Said said = said(bug);
    assertEquals(1, said.code());
    assertEquals(2, said.lines().size(), said.toString());
    String name = bug.getClass().getSimpleName();
    assertTrue(said.lines().get(0).startsWith("atelier: " + name), said.toString());
    String report = said.lines().get(1);
    for (String part : List.of("bug", "\"atelier train run.steps=2\"", "atelier 0.", "Java 1")) {
      assertTrue(report.contains(part), part + " in " + report);
    }
    Path file = Path.of(report.replaceFirst(".*the file (\\S+\\.log).*", "$1"));
    assertTrue(Files.readString(file).contains("\tat "), report);
    Files.delete(file);
  }

  @Test
  void shouldNotLoseTheTraceWhenThereIsNoPlaceForAFile() throws Exception {
    Process child =
        new ProcessBuilder(
                System.getProperty("java.home") + File.separator + "bin/java",
                "-Djava.io.tmpdir=/nowhere",
                "-cp",
                System.getProperty("java.class.path"),
                Bug.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(1, child.waitFor(), output);
    assertTrue(output.contains("\tat " + Bug.class.getName()), output);
    assertTrue(output.contains("the lines above (no file could be written: "), output);
    assertFalse(output.contains("Exception in thread"), output);
  }

  /** Handles a bug as the command line does. */
  static final class Bug {
    public static void main(String[] arguments) {
      PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
      System.exit(Failures.handle(new IllegalStateException("x"), err, List.of("doctor")));
    }
  }
}
