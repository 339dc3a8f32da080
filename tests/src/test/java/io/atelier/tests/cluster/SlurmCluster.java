package io.atelier.tests.cluster;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Slurm as it is installed, with two machines, each in a network namespace of its own, and a
 * controller in a third one. It takes root, and a Slurm built with {@code
 * --enable-multiple-slurmd}, such as that of Debian: {@code apt-get install slurmctld slurmd
 * slurm-client}. A machine has 32 processors and three GPUs, as far as Slurm knows.
 */
final class SlurmCluster implements AutoCloseable {

  /** Any character devices; nothing opens them. */
  private static final List<String> GPUS = List.of("null", "zero", "full");

  private static final int CONTROLLER = 2;
  private static final long START_SECONDS = 30;

  private final Path folder;
  private final Network network;
  private final List<Process> daemons = new ArrayList<>();

  private SlurmCluster(Path folder, Network network) {
    this.folder = folder;
    this.network = network;
  }

  /** Starts it; the test that asks is skipped where that cannot be done. */
  static SlurmCluster start(Path folder) throws IOException, InterruptedException {
    for (String program : List.of("slurmctld", "slurmd", "sbatch")) {
      assumeTrue(
          Stream.of("/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin")
              .anyMatch(bin -> Files.isExecutable(Path.of(bin, program))),
          "there is no " + program + ": apt-get install slurmctld slurmd slurm-client");
    }
    SlurmCluster cluster = new SlurmCluster(folder, Network.create(CONTROLLER + 1));
    try {
      cluster.configure();
      cluster.launch();
      return cluster;
    } catch (IOException | InterruptedException | RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private void configure() throws IOException {
    String host = InetAddress.getLocalHost().getHostName().replaceFirst("\\..*", "");
    List<String> lines = new ArrayList<>();
    lines.add("ClusterName=atelier-test");
    lines.add("SlurmctldHost=%s(%s)".formatted(host, network.address(CONTROLLER)));
    lines.addAll(List.of("AuthType=auth/none", "CredType=cred/none", "SlurmUser=root"));
    lines.add("AuthInfo=cred_expire=5"); // a job that is queued again waits for that long
    lines.add("StateSaveLocation=" + Files.createDirectory(folder.resolve("state")));
    lines.add("SlurmctldPidFile=" + folder.resolve("slurmctld.pid"));
    lines.add("SlurmdPidFile=" + folder.resolve("slurmd.%n.pid"));
    lines.add("SlurmdSpoolDir=" + folder.resolve("spool.%n"));
    lines.addAll(List.of("ProctrackType=proctrack/linuxproc", "TaskPlugin=task/none"));
    lines.addAll(List.of("JobAcctGatherType=jobacct_gather/none", "MpiDefault=none"));
    lines.addAll(List.of("SelectType=select/cons_tres", "SelectTypeParameters=CR_Core"));
    lines.addAll(List.of("SlurmdParameters=config_overrides", "GresTypes=gpu"));
    for (int i = 0; i < CONTROLLER; i++) {
      Files.createDirectory(folder.resolve("spool." + name(i)));
      lines.add(
          "NodeName=%s NodeHostname=%s NodeAddr=%s Port=16818 CPUs=32 RealMemory=4000 Gres=gpu:%d"
              .formatted(name(i), host, network.address(i), GPUS.size()));
    }
    lines.add("PartitionName=all Nodes=ALL Default=YES State=UP");
    Files.write(folder.resolve("slurm.conf"), lines);
    Files.write(
        folder.resolve("gres.conf"),
        GPUS.stream().map(device -> "Name=gpu File=/dev/" + device).toList());
    boolean unified = Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));
    Files.write(
        folder.resolve("cgroup.conf"),
        unified
            ? List.of("CgroupPlugin=cgroup/v2", "IgnoreSystemd=yes")
            : List.of("CgroupPlugin=cgroup/v1"));
  }

  private static String name(int machine) {
    return "machine-" + machine;
  }

  private void launch() throws IOException, InterruptedException {
    daemon(CONTROLLER, "slurmctld", "-D", "-c");
    for (int i = 0; i < CONTROLLER; i++) {
      daemon(i, "slurmd", "-D", "-N", name(i));
    }
    boolean up =
        Chaos.happens(
            () -> {
              try {
                return run("sinfo", "-h", "-t", "idle", "-o", "%D").strip().equals("2");
              } catch (IOException | InterruptedException e) {
                return false; // the controller does not listen yet
              }
            },
            START_SECONDS);
    assumeTrue(up, () -> "Slurm does not run here: " + logs());
  }

  private void daemon(int machine, String... command) throws IOException {
    Path log = folder.resolve("%s-%d.log".formatted(command[0], machine));
    daemons.add(
        builder(machine, Map.of(), command)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start());
  }

  private ProcessBuilder builder(int machine, Map<String, String> environment, String... command) {
    List<String> all = new ArrayList<>(network.inside(machine));
    all.addAll(List.of(command));
    ProcessBuilder builder = new ProcessBuilder(all);
    builder.environment().putAll(environment);
    builder.environment().put("SLURM_CONF", folder.resolve("slurm.conf").toString());
    return builder;
  }

  /** Runs a command where the controller is; what it wrote. */
  String run(String... command) throws IOException, InterruptedException {
    return run(folder, Map.of(), command);
  }

  /** The same in a folder, and with more variables. */
  String run(Path working, Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    Process process =
        builder(CONTROLLER, environment, command)
            .directory(working.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("%s: %s".formatted(String.join(" ", command), output));
    }
    return output;
  }

  /** What Slurm calls the state of a job, such as {@code COMPLETED}. */
  String state(String job) {
    try {
      return run("scontrol", "--oneliner", "show", "job", job)
          .replaceFirst("(?s).*JobState=([A-Z_]+).*", "$1");
    } catch (IOException | InterruptedException e) {
      return e.toString();
    }
  }

  /** What the daemons wrote. */
  String logs() {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path log : files.filter(f -> f.toString().endsWith(".log")).sorted().toList()) {
        all.append("---- %s%n%s".formatted(log.getFileName(), Files.readString(log)));
      }
    } catch (IOException e) {
      all.append(e);
    }
    return all.toString();
  }

  /** Ends all jobs, then the daemons. */
  @Override
  public void close() {
    try {
      run("scancel", "--signal=KILL", "--full", "--user=root");
    } catch (IOException e) {
      // there is no controller
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // and the daemons end all the same
    }
    daemons.forEach(Process::destroy);
    boolean ended =
        Chaos.happens(() -> daemons.stream().noneMatch(Process::isAlive), START_SECONDS);
    if (!ended) {
      daemons.forEach(Process::destroyForcibly);
    }
    network.close();
  }
}
