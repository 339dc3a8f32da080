package io.atelier.tests.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What the scripts for Slurm do where Slurm is not, with its variables and a node that is a script.
 */
@Timeout(60)
class SlurmScriptsTest {

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

  @TempDir Path folder;

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

  /** The layout of atelier.sbatch: machine, place on it, tasks on it; role, profile and port. */
  @ParameterizedTest
  @CsvSource({
    "0, 0, 4, learner,          learner, 16896",
    "0, 1, 4, reward,           reward,  16897",
    "0, 2, 4, rollout,          rollout, 16898",
    "1, 0, 4, learner,          learner, 16896",
    "2, 0, 4, rollout,          rollout, 16896",
    "2, 1, 4, reward,           reward,  16897",
    "0, 0, 2, learner,          learner, 16896",
    "0, 1, 2, 'rollout,reward', rollout, 16897",
    "2, 0, 2, rollout,          rollout, 16896",
    "0, 0, 1, all,              learner, 16896",
    "2, 0, 1, 'rollout,reward', rollout, 16896"
  })
  void shouldGiveATaskItsRole(
      int machine, int place, int tasks, String role, String profile, int port) throws Exception {
    Path stub = Script.stub(folder, "echo \"$@\"");
    Script.Result result = task(stub, machine, place, tasks);
    assertEquals(0, result.code(), result::output);
    for (String part :
        List.of(
            "node --role " + role + " --config ",
            "/profiles/%s.conf --config ".formatted(profile),
            "/profiles/ethernet.conf cluster.host=127.0.0.1 cluster.port=" + port,
            " cluster.admin-port=" + (port + 32),
            " cluster.seeds=[\"one:25520\", \"two:25520\"] run.steps=7")) {
      assertTrue(result.output().contains(part), result::output);
    }
  }

  /** Two jobs on one machine, of which Slurm counts up the numbers. */
  @Test
  void shouldGiveAJobPortsOfItsOwn() throws Exception {
    Path stub = Script.stub(folder, "echo \"$@\" | grep -o 'port=[0-9]*'");
    List<String> ports = new ArrayList<>();
    for (String job : List.of("1000", "1001")) {
      for (int place = 0; place < 32; place++) {
        Map<String, String> environment = environment(stub, 0, place, 32);
        environment.put("SLURM_JOB_ID", job);
        Script.Result result = Script.run(environment, Launchers.file("slurm/task").toString());
        ports.addAll(result.output().lines().filter(line -> line.startsWith("port=")).toList());
      }
    }
    assertEquals(2 * 32 * 2, ports.size());
    assertEquals(ports.size(), new TreeSet<>(ports).size(), ports::toString);
    Map<String, String> environment = environment(stub, 0, 32, 33);
    environment.put("SLURM_NTASKS", "33");
    Script.Result result = Script.run(environment, Launchers.file("slurm/task").toString());
    assertEquals(2, result.code(), result::output);
    assertTrue(result.output().contains("--ntasks-per-node"), result::output);
  }

  @Test
  void shouldSayWhichInterfaceThereIsNot() throws Exception {
    Map<String, String> environment = environment(Script.stub(folder, ":"), 0, 0, 4);
    environment.put("ATELIER_INTERFACE", "none7");
    Script.Result result =
        Script.run(environment, Launchers.file("slurm/task").toString(), "--describe");
    assertEquals(2, result.code(), result::output);
    assertTrue(result.output().contains("ATELIER_INTERFACE is none7"), result::output);
  }

  /** Machine, seed, and what the kernel grants. */
  @Test
  void shouldDescribeAMachine() throws Exception {
    Map<String, String> environment = environment(Script.stub(folder, ":"), 1, 0, 4);
    Script.Result result =
        Script.run(environment, Launchers.file("slurm/task").toString(), "--describe");
    assertEquals(0, result.code(), result::output);
    assertTrue(result.output().matches("1 127\\.0\\.0\\.1:16896 [0-9]+\n"), result::output);
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
            "ATELIER_SEEDS", "one:25520,two:25520",
            "ATELIER_TRANSPORT", "ethernet",
            "ATELIER_RESTARTS", "2",
            "SLURM_JOB_ID", "264", // the eighth after 256
            "SLURM_NODEID", Integer.toString(machine),
            "SLURM_LOCALID", Integer.toString(place),
            "SLURM_TASKS_PER_NODE", tasks + "(x3)",
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
    Script.Result result = task(stub, 1, 2, 4);
    assertEquals(code, result.code(), result::output);
    assertEquals(starts, Files.readAllLines(folder.resolve("starts")).size());
  }

  /** The only leader gave up: without it the others would hold their machine in vain. */
  @Test
  void shouldEndTheJobWhenNobodyCanLead() throws Exception {
    Path said = folder.resolve("cancelled");
    Path scancel = Files.createDirectory(folder.resolve("bin")).resolve("scancel");
    Files.writeString(scancel, "#!/usr/bin/env bash\necho \"$@\" >> " + said + "\n");
    assertTrue(scancel.toFile().setExecutable(true));
    Path stub = Script.stub(folder, "exit 2");
    for (int place : new int[] {2, 0}) {
      Map<String, String> environment = environment(stub, 0, place, 4);
      environment.put("PATH", scancel.getParent() + ":" + System.getenv("PATH"));
      Script.Result result = Script.run(environment, Launchers.file("slurm/task").toString());
      assertEquals(2, result.code(), result::output);
      assertEquals(place == 0, Files.exists(said), result::output);
    }
    assertEquals("--signal=TERM 264\n", Files.readString(said));
  }
}
