package io.atelier.actors.cli.run;

import io.atelier.actors.api.Atelier;
import io.atelier.actors.cli.console.ExitCode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "fork",
    description = "Makes a run folder that goes on from a checkpoint of another run, with changes.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "What the other run recorded up to the checkpoint comes along, and nothing of it is changed.",
      "Amendments that it had from a later step on are left out; give such values as key=value.",
      "identity.json says which values differ from there on, fork.json which run it is a fork of.",
      "",
      "Examples:",
      "  ./atelier fork runs/001 --step 40 --out runs/002 learner.learning-rate=1e-4",
      "  ./atelier train --resume runs/002",
    })
public final class ForkCommand implements Callable<Integer> {

  @Parameters(index = "0", paramLabel = "RUN", description = "The run folder to fork from.")
  private Path parent;

  @Parameters(
      index = "1..*",
      paramLabel = "key=value",
      description = "Values to change; any key but schedule.* and learner.groups-per-step.")
  private List<String> overrides = new ArrayList<>();

  @Option(
      names = "--step",
      paramLabel = "N",
      description = "Steps that the checkpoint has trained (default: the newest).")
  private Optional<Integer> step;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder of the fork, missing or empty.")
  private Path out;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    int trained = Atelier.fork(parent, step, out, overrides);
    PrintWriter terminal = spec.commandLine().getOut();
    terminal.println(
        "%s goes on from step %d of %s: ./atelier train --resume %s"
            .formatted(out, trained, parent, out));
    return ExitCode.DONE;
  }
}
