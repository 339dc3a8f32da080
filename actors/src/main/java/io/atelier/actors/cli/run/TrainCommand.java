package io.atelier.actors.cli.run;

import io.atelier.actors.api.Atelier;
import io.atelier.actors.api.RunHandle;
import io.atelier.actors.cli.console.ExitCode;
import io.atelier.actors.cli.console.Failures;
import io.atelier.actors.cli.console.Interrupts;
import io.atelier.actors.cli.console.Logs;
import io.atelier.actors.cli.option.ConfigOptions;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.report.RunEnd;
import io.atelier.actors.run.checkpoint.CheckpointStore;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.record.Terminal;
import io.atelier.actors.web.LivePage;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "train",
    description = "Post-trains a model in this process and writes a run folder.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  ./atelier train",
      "  ./atelier train run.dir=runs/mine run.steps=20 run.seed=7",
      "  ./atelier train --config my.conf learner.learning-rate=2e-4",
      "  ./atelier train --resume runs/mine",
      "",
      "A browser shows the run in progress at the address that is printed first.",
      "Ctrl-C ends the run after the current step, with a checkpoint; once more ends it at once.",
      "All keys with their defaults are in the config.conf of any run folder.",
    })
public final class TrainCommand implements Callable<Integer> {

  @Mixin private ConfigOptions config;

  @Option(
      names = "--resume",
      paramLabel = "DIR",
      description = "Go on with the run in this folder; only run.steps and the like may change.")
  private Optional<Path> resume;

  @Option(
      names = "--stop-with-input",
      description =
          "End after the current step, with a checkpoint, when standard input ends: for a program"
              + " that starts this one. Signals are left to that program.")
  private boolean stopWithInput;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (resume.isPresent() && config.isLayered()) {
      throw new ParameterException(
          spec.commandLine(),
          "--resume uses the configuration in the run folder: leave out --preset and --config, and"
              + " give what may change as key=value");
    }
    Terminal terminal = Terminal.standard(spec.commandLine().getOut());
    Logs.show(terminal::line);
    Logs.keep();
    PrintWriter err = spec.commandLine().getErr();
    RunFiles files;
    RuntimeException failure;
    try (RunHandle run =
        resume.isPresent()
            ? Atelier.resume(resume.get(), config.overrides(), Optional.empty(), terminal)
            : Atelier.start(config.load(), Optional.empty(), terminal)) {
      files = new RunFiles(run.folder());
      Logs.also(files.log());
      LivePage page =
          stopWithInput
              ? LivePage.none()
              : LivePage.of(() -> port(files), files, run.actions(), run::page, terminal);
      terminal.line("run folder %s".formatted(run.folder()));
      AtomicInteger interrupts = new AtomicInteger();
      if (stopWithInput) {
        Interrupts.handle(() -> {});
        Interrupts.atEndOfInput(() -> interrupted(run, terminal, 1));
      } else {
        Interrupts.handle(() -> interrupted(run, terminal, interrupts.incrementAndGet()));
      }
      try {
        return ended(run.await(), files, terminal);
      } catch (RuntimeException e) {
        err.println("atelier: " + Failures.line(e)); // at once: closing waits for native calls
        failure = e;
      } finally {
        page.close();
      }
    }
    err.println(afterFailure(files));
    if (!Failures.explained(failure)) {
      err.println(
          Failures.bug("the log of the run", spec.commandLine().getParseResult().originalArgs()));
    }
    return Failures.code(failure);
  }

  private static int port(RunFiles files) {
    return TrainConfig.read(files.config(), List.of()).page().port();
  }

  private static int ended(RunEnd end, RunFiles files, Terminal terminal) {
    if (end.stopped()) {
      terminal.line(
          "stopped after step %d; go on with: ./atelier train --resume %s"
              .formatted(end.steps(), files.root()));
      return ExitCode.INTERRUPTED;
    }
    terminal.line("done: %d steps; look at %s".formatted(end.steps(), files.report()));
    return ExitCode.DONE;
  }

  private static void interrupted(RunHandle run, Terminal terminal, int times) {
    switch (times) {
      case 1 -> {
        terminal.line("stopping after this step and its checkpoint; Ctrl-C again stops at once");
        run.stop(false);
      }
      case 2 -> {
        terminal.line("stopping at once");
        run.stop(true);
      }
      default -> Runtime.getRuntime().halt(ExitCode.INTERRUPTED);
    }
  }

  private static String afterFailure(RunFiles files) {
    if (Files.notExists(files.config())) {
      return "Nothing was recorded. When the cause is gone, start again in the same way.";
    }
    Optional<Path> last;
    try {
      last = new CheckpointStore(files.checkpoints(), 1).list().stream().findFirst();
    } catch (RuntimeException e) {
      return Failures.line(e) + ". Details: " + files.log();
    }
    return last.map(
                checkpoint ->
                    "The last checkpoint is %s. When the cause is gone: ./atelier train --resume %s"
                        .formatted(checkpoint.getFileName(), files.root()))
            .orElse("There is no checkpoint yet.")
        + " Details: "
        + files.log();
  }
}
