package io.atelier.actors.cli.run;

import io.atelier.actors.cli.console.ExitCode;
import io.atelier.actors.cli.console.Interrupts;
import io.atelier.actors.cli.console.Logs;
import io.atelier.actors.cli.option.ConfigOptions;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.cluster.StateFolder;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.node.ClusterNode;
import io.atelier.actors.node.NodeRole;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.record.Terminal;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "node",
    description = "Takes part in a run over many nodes.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "All nodes get the same configuration but for cluster.host and cluster.port. Nodes with role",
      "learner share the folder run.dir; one of them leads, the others take over when it dies.",
      "",
      "Examples, on two machines:",
      "  ./atelier node --role learner run.dir=/shared/run cluster.host=10.0.0.1 \\",
      "      'cluster.seeds=[\"10.0.0.1:25520\"]'",
      "  ./atelier node --role rollout,reward run.dir=/shared/run cluster.host=10.0.0.2 \\",
      "      'cluster.seeds=[\"10.0.0.1:25520\"]'",
      "",
      "Ctrl-C hands back what this node works on, and leaves; the run goes on without it.",
      "More: docs/cluster.md",
    })
public final class NodeCommand implements Callable<Integer> {

  @Option(
      names = "--role",
      required = true,
      paramLabel = "ROLES",
      description =
          "learner, rollout, reward, gradient, evaluator, several with commas between them, or all.")
  private String roles;

  @Mixin private ConfigOptions config;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Set<NodeRole> parsed;
    try {
      parsed = NodeRole.parse(roles);
    } catch (IllegalArgumentException e) {
      throw new InvalidConfigException("--role: " + e.getMessage(), e);
    }
    TrainConfig loaded = config.load();
    Terminal terminal = Terminal.standard(spec.commandLine().getOut());
    Logs.show(terminal::line);
    Logs.keep();
    log(loaded, terminal);
    AtomicInteger interrupts = new AtomicInteger();
    try (ClusterNode node =
        ClusterNode.start(
            loaded, parsed, terminal, folder -> Logs.also(new RunFiles(folder).log()))) {
      terminal.line("node %s joins as %s".formatted(node.name(), roles));
      node.admin().ifPresent(at -> terminal.line("./atelier status --admin " + at));
      Interrupts.handle(() -> interrupted(node, terminal, interrupts.incrementAndGet()));
      terminal.line(node.await() ? "the run is over" : "left the run");
      return interrupts.get() > 0 ? ExitCode.INTERRUPTED : ExitCode.DONE;
    }
  }

  /** Stack traces of a node that does not lead are kept nowhere else. */
  private static void log(TrainConfig config, Terminal terminal) {
    Path folder = StateFolder.of("logs", System.getenv());
    Path file =
        folder.resolve(
            "%s_%s.log"
                .formatted(
                    StateFolder.machine(),
                    config.cluster().self().replaceAll("[^0-9A-Za-z.-]", "_")));
    try {
      Files.createDirectories(folder);
      requireWritable(file);
      Logs.rolling(file);
      terminal.line("log " + file);
    } catch (IOException e) {
      terminal.line("this node has no log: %s cannot be made: %s".formatted(folder, e));
    }
  }

  /** Logback would fail silently, or block on a pipe without a reader. */
  private static void requireWritable(Path file) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new FileSystemException(file.toString(), null, "it is not a regular file");
    }
    Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND).close();
  }

  private static void interrupted(ClusterNode node, Terminal terminal, int times) {
    if (times > 1) {
      Runtime.getRuntime().halt(ExitCode.INTERRUPTED);
    }
    terminal.line("leaving the run; Ctrl-C again stops at once");
    node.leave();
  }
}
