package io.atelier.tests.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The scripts and units that start nodes on one machine and on many. */
@Timeout(60)
class ScriptsTest {

  @TempDir Path folder;

  private static final Map<String, Set<String>> SYSTEMD =
      Map.of(
          "Unit",
          Set.of("Description", "Documentation", "Wants", "After", "StartLimitIntervalSec"),
          "Service",
          Set.of(
              "Type",
              "User",
              "WorkingDirectory",
              "Environment",
              "EnvironmentFile",
              "CacheDirectory",
              "StateDirectory",
              "ExecStart",
              "Restart",
              "RestartSec",
              "RestartPreventExitStatus",
              "SuccessExitStatus",
              "KillMode",
              "TimeoutStopSec",
              "LimitNOFILE"),
          "Install",
          Set.of("WantedBy"));

  static Stream<Path> scripts() {
    return Stream.of(
        Launchers.file("../atelier"),
        Launchers.file("bin/archive"),
        Launchers.file("bin/local-cluster"),
        Launchers.file("bin/cuda-libraries"),
        Launchers.file("bin/make-test-ca"),
        Launchers.file("slurm/atelier.sbatch"),
        Launchers.file("slurm/task"));
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void shouldBeWellFormed(Path script) throws Exception {
    assertTrue(Files.isExecutable(script), script + " cannot be executed");
    Script.Result result = Script.run(Map.of(), "bash", "-n", script.toString());
    assertEquals(0, result.code(), result::output);
  }

  @Test
  void shouldTellSystemdWhatItKnows() throws IOException {
    String section = "";
    String text = Files.readString(Launchers.file("systemd/atelier@.service"));
    for (String line : text.replace("\\\n", " ").lines().toList()) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      if (line.startsWith("[")) {
        section = line.substring(1, line.length() - 1);
        assertTrue(SYSTEMD.containsKey(section), line);
      } else {
        assertTrue(SYSTEMD.get(section).contains(line.split("=")[0]), line);
      }
    }
    assertTrue(
        text.contains("\nRestartPreventExitStatus=2\n"), "a wrong configuration stays wrong");
    assertTrue(text.contains("\nEnvironment=ATELIER_NO_BUILD=1\n"), "it would build in mid-run");
    assertTrue(
        text.contains("\nEnvironment=XDG_CACHE_HOME=/var/cache\nCacheDirectory=atelier\n"),
        "libtorch for the GPU would have no place");
  }

  /** By systemd itself, which also finds values that are none. */
  @Test
  void shouldBeFineForSystemd() throws Exception {
    assumeTrue(hasSystemd(), "there is no systemd-analyze 250 or later: apt-get install systemd");
    String unit =
        Files.readString(Launchers.file("systemd/atelier@.service"))
            .replace("/opt/atelier/atelier ", "/bin/true ");
    Script.Result fine = verify(unit);
    assertEquals(0, fine.code(), fine::output);
    for (String wrong : List.of("RestartSec=soon", "KillMode=gently", "Restarts=yes")) {
      Script.Result noticed = verify(unit.replace("[Service]\n", "[Service]\n" + wrong + "\n"));
      assertNotEquals(0, noticed.code(), wrong);
      String said = wrong.startsWith("Restarts") ? "Restarts" : wrong.split("=")[1];
      assertTrue(noticed.output().contains(said), noticed::output);
    }
  }

  private Script.Result verify(String unit) throws Exception {
    Path file = Files.writeString(folder.resolve("atelier@.service"), unit);
    return Script.run(
        Map.of(),
        "systemd-analyze",
        "verify",
        "--man=no",
        "--recursive-errors=no",
        file.toString());
  }

  /** One that says by its exit code what it found, 250 or later. */
  private static boolean hasSystemd() throws Exception {
    try {
      String version = Script.run(Map.of(), "systemd-analyze", "--version").output();
      Matcher number = Pattern.compile("^systemd ([0-9]{3})").matcher(version);
      return number.find() && Integer.parseInt(number.group(1)) >= 250;
    } catch (IOException e) {
      return false;
    }
  }
}
