package io.atelier.actors.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.run.file.TinyDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders for temporary files and for what is unpacked that are full, read-only or noexec. */
@Timeout(120)
class FoldersTest {

  @TempDir Path folder;

  private String sample(Map<String, String> environment, String... options) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    Path root = Path.of(System.getProperty("atelier.root", ".."));
    command.add("@" + root.resolve("cluster-conf/jvm.options"));
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of("io.atelier.actors.cli.Main", "sample", "--threads", "1"));
    command.addAll(List.of("--steps", "2", "--prompt", "a fox", "--out", folder + "/a.png"));
    command.addAll(List.of("--model", root.resolve("tests/golden/sd3-tiny").toString()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    assertEquals(code == 0, Files.exists(folder.resolve("a.png")), output);
    return output;
  }

  private static void assertOneLine(String output, String... parts) {
    assertEquals(1, output.lines().count(), output);
    assertTrue(output.startsWith("atelier: "), output);
    for (String part : parts) {
      assertTrue(output.contains(part), output);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"full", "read-only", "missing"})
  void shouldSayThatThereIsNoRoomForTemporaryFiles(String what) throws Exception {
    try (TinyDisk disk = TinyDisk.mount(folder.resolve("tmp"), 256)) {
      Path place = disk.path();
      switch (what) {
        case "full" -> disk.fill(0);
        case "read-only" -> remount("ro", place);
        default -> place = place.resolve("no");
      }
      String output = sample(Map.of(), "-Djava.io.tmpdir=" + place);
      assertOneLine(output, "no temporary file can be written in " + place, "TMPDIR");
    }
  }

  @Test
  void shouldRunWhereNothingRunsFromTemporaryFiles() throws Exception {
    try (TinyDisk disk = TinyDisk.mount(folder.resolve("tmp"), 4096)) {
      remount("noexec", disk.path());
      String output = sample(Map.of(), "-Djava.io.tmpdir=" + disk.path());
      assertFalse(output.contains("atelier: "), output);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"small", "noexec"})
  void shouldSayThatNothingCanBeUnpacked(String what) throws Exception {
    try (TinyDisk disk = TinyDisk.mount(folder.resolve("home"), 4096)) {
      if (what.equals("noexec")) {
        remount("noexec", disk.path());
      }
      Map<String, String> environment =
          Map.of("XDG_CACHE_HOME", disk.path().toString(), "DJL_CACHE_DIR", disk.path() + "/djl");
      assertOneLine(
          sample(environment),
          disk.path().toString(),
          what.equals("small") ? "4 MiB free, 600 are needed once" : "mounted noexec",
          "set XDG_CACHE_HOME");
    }
  }

  private static void remount(String option, Path place) throws IOException, InterruptedException {
    Process mount =
        new ProcessBuilder("mount", "-o", "remount," + option, place.toString()).start();
    assertEquals(0, mount.waitFor());
  }
}
