package io.atelier.tests.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.tests.golden.Golden;
import io.atelier.tests.golden.GoldenClip;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Native memory over many groups, in a process whose heap cannot grow. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "reads /proc")
class NativeMemoryTest {
  private static final int WARM_UP = 150;

  /** Twice as many in the nightly build: the longer the loop, the less a step of arenas hides. */
  private static final int GROUPS = Boolean.getBoolean("atelier.long") ? 300 : 150;

  /** Groups from which a critic learns. */
  private static final int LEARNED = 150;

  /**
   * Growth allowed over a group: half an activation of a block. The allocator's arenas make steps
   * of some MiB early on.
   */
  private static final long TOLERANCE_KIB = 16;

  @TempDir static Path folder;
  private static Process groups;
  private static Process pickScore;
  private static Process discriminator;

  /** All at once: each has one thread, and nothing to do with the others. */
  @BeforeAll
  static void start() throws IOException {
    groups = start(GroupLoop.class, Golden.path("sd35-tiny"), GROUPS);
    pickScore =
        start(
            PickScoreLoop.class, GoldenClip.write(folder.resolve("clip"), "transformers"), LEARNED);
    discriminator = start(DiscriminatorLoop.class, folder, LEARNED);
  }

  @AfterAll
  static void end() {
    groups.destroyForcibly();
    pickScore.destroyForcibly();
    discriminator.destroyForcibly();
  }

  @Test
  @Timeout(600)
  void shouldStayFlatOverHundredsOfGroups() throws IOException, InterruptedException {
    requireFlat(groups, GroupLoop.class, GROUPS);
  }

  /** Of the groups on which PickScore may learn, it learns from some. */
  @Test
  @Timeout(600)
  void shouldStayFlatWhilePickScoreLearns() throws IOException, InterruptedException {
    List<String> lines = requireFlat(pickScore, PickScoreLoop.class, LEARNED);
    String last = lines.get(lines.size() - 1);
    assertTrue(last.matches("trained [1-9]\\d+"), last);
  }

  @Test
  @Timeout(600)
  void shouldStayFlatWhileADiscriminatorLearns() throws IOException, InterruptedException {
    List<String> lines = requireFlat(discriminator, DiscriminatorLoop.class, LEARNED);
    assertEquals("trained " + 2 * (WARM_UP + LEARNED), lines.get(lines.size() - 1));
  }

  private static Process start(Class<?> program, Path model, int counted) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xms160m",
            "-Xmx160m",
            "-XX:+UseSerialGC",
            "-XX:+AlwaysPreTouch",
            "-XX:TieredStopAtLevel=1", // the optimising compiler takes some MiB at any time
            "-cp",
            System.getProperty("java.class.path"),
            program.getName(),
            model.toString(),
            String.valueOf(WARM_UP + counted),
            "50")
        .redirectErrorStream(true)
        .redirectOutput(log(program).toFile())
        .start();
  }

  private static Path log(Class<?> program) {
    return folder.resolve(program.getSimpleName() + ".log");
  }

  private static List<String> requireFlat(Process process, Class<?> program, int counted)
      throws IOException, InterruptedException {
    int status = process.waitFor();
    List<String> lines = Files.readAllLines(log(program), StandardCharsets.UTF_8);
    assertEquals(0, status, () -> String.join("\n", lines));

    long[] resident =
        lines.stream()
            .filter(line -> line.matches("\\d+ \\d+"))
            .mapToLong(line -> Long.parseLong(line.split(" ")[1]))
            .toArray();
    assertEquals((WARM_UP + counted) / 50, resident.length);
    long growth = resident[resident.length - 1] - resident[WARM_UP / 50 - 1];
    assertTrue(
        growth <= TOLERANCE_KIB * counted,
        () -> "resident memory grew by %d KiB: %s".formatted(growth, lines));
    return lines;
  }
}
