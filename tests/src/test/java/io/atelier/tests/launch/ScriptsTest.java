package io.atelier.tests.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The scripts and units that start nodes on one machine and on many. */
@Timeout(60)
class ScriptsTest {

  private static final Set<String> SBATCH =
      Set.of(
          "job-name",
          "nodes",
          "ntasks-per-node",
          "gpus-per-node",
          "cpus-per-task",
          "mem",
          "time",
          "signal",
          "requeue",
          "open-mode",
          "output");

  private static final Map<String, Set<String>> SYSTEMD =
      Map.of(
          "Unit",
          Set.of("Description", "Documentation", "Wants", "After"),
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

  @TempDir Path folder;

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
  void shouldAskSlurmForWhatItKnows() throws IOException {
    Pattern option = Pattern.compile("#SBATCH --([a-z-]+)(=\\S+)?");
    Set<String> options = new TreeSet<>();
    for (String line : Files.readAllLines(Launchers.file("slurm/atelier.sbatch"))) {
      if (line.startsWith("#SBATCH")) {
        Matcher matcher = option.matcher(line);
        assertTrue(matcher.matches(), line);
        options.add(matcher.group(1));
      }
    }
    assertEquals(new TreeSet<>(SBATCH), options);
  }

  /** The layout of atelier.sbatch: machine, place on it, tasks on it; role and port. */
  @ParameterizedTest
  @CsvSource({
    "0, 0, 4, learner,        25520",
    "0, 1, 4, reward,         25521",
    "0, 2, 4, rollout,        25522",
    "1, 0, 4, learner,        25520",
    "2, 0, 4, rollout,        25520",
    "2, 1, 4, reward,         25521",
    "0, 0, 1, all,            25520",
    "2, 0, 1, 'rollout,reward', 25520"
  })
  void shouldGiveATaskItsRole(int machine, int place, int tasks, String role, int port)
      throws Exception {
    Path stub = Script.stub(folder, "echo \"$@\"");
    Script.Result result = task(stub, machine, place, tasks);
    assertEquals(0, result.code(), result::output);
    for (String part :
        List.of(
            "node --role " + role + " --config ",
            "cluster.seeds=[\"one:25520\", \"two:25520\"] cluster.host=here cluster.port=" + port,
            " run.steps=7 ")) {
      assertTrue(result.output().contains(part), result::output);
    }
  }

  /** GPUs of the machine, whether what scores has one, and what the tasks of a machine may see. */
  @ParameterizedTest
  @CsvSource({
    "'0,1,2', '', 'learner 0,reward ,rollout 1,rollout 2'",
    "'0,1,2,3', 1, 'learner 0,reward 1,rollout 2,rollout 3'",
    "'4,GPU-a5', '', 'learner 4,reward ,rollout GPU-a5,rollout 4'",
    "'', '', 'learner ,reward ,rollout ,rollout '"
  })
  void shouldGiveEachTaskAGpu(String gpus, String reward, String expected) throws Exception {
    Path stub = Script.stub(folder, "echo \"<$3 $CUDA_VISIBLE_DEVICES>\"");
    String[] tasks = expected.split(",");
    for (int place = 0; place < tasks.length; place++) {
      Map<String, String> environment = environment(stub, 0, place, tasks.length);
      environment.put("CUDA_VISIBLE_DEVICES", gpus);
      environment.put("ATELIER_REWARD_GPU", reward);
      Script.Result result = Script.run(environment, Launchers.file("slurm/task").toString());
      assertEquals(0, result.code(), result::output);
      assertTrue(result.output().contains("<" + tasks[place] + ">"), result::output);
    }
  }

  private static Map<String, String> environment(Path stub, int machine, int place, int tasks) {
    return new HashMap<>(
        Map.of(
            "ATELIER", stub.toString(),
            "ATELIER_SEEDS", "one,two",
            "ATELIER_RESTARTS", "2",
            "SLURM_NODEID", Integer.toString(machine),
            "SLURM_LOCALID", Integer.toString(place),
            "SLURM_NTASKS_PER_NODE", Integer.toString(tasks),
            "SLURMD_NODENAME", "here"));
  }

  private static Script.Result task(Path stub, int machine, int place, int tasks) throws Exception {
    return Script.run(
        environment(stub, machine, place, tasks),
        Launchers.file("slurm/task").toString(),
        "run.steps=7");
  }

  @ParameterizedTest
  @CsvSource({
    "kill -KILL $$, 137, 3",
    "exit 1,          1, 3",
    "exit 2,          2, 1",
    "exit 0,          0, 1",
    "exit 130,      130, 1"
  })
  void shouldStartATaskAgainThatDied(String end, int code, int starts) throws Exception {
    Path stub =
        Script.stub(
            folder,
            "[[ -n $ATELIER_NO_BUILD ]] && echo start >> " + folder.resolve("starts") + "\n" + end);
    Script.Result result = task(stub, 0, 0, 4);
    assertEquals(code, result.code(), result::output);
    assertEquals(starts, Files.readAllLines(folder.resolve("starts")).size());
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
}
