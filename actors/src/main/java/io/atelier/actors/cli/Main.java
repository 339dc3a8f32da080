package io.atelier.actors.cli;

import io.atelier.actors.cli.cluster.AmendCommand;
import io.atelier.actors.cli.cluster.DrainCommand;
import io.atelier.actors.cli.cluster.PauseCommand;
import io.atelier.actors.cli.cluster.ResumeCommand;
import io.atelier.actors.cli.cluster.StatusCommand;
import io.atelier.actors.cli.console.ExitCode;
import io.atelier.actors.cli.console.Failures;
import io.atelier.actors.cli.console.StandardOutput;
import io.atelier.actors.cli.image.ArtifactCommand;
import io.atelier.actors.cli.image.AuditPlacesCommand;
import io.atelier.actors.cli.image.BestOfCommand;
import io.atelier.actors.cli.image.EvalCommand;
import io.atelier.actors.cli.image.ReferencesCommand;
import io.atelier.actors.cli.image.SampleCommand;
import io.atelier.actors.cli.image.SelfTrainingCommand;
import io.atelier.actors.cli.model.ExportLoraCommand;
import io.atelier.actors.cli.model.ExportModelCommand;
import io.atelier.actors.cli.model.PretrainCommand;
import io.atelier.actors.cli.option.ConfigOptions;
import io.atelier.actors.cli.option.Converters;
import io.atelier.actors.cli.run.CompareCommand;
import io.atelier.actors.cli.run.ExperimentCommand;
import io.atelier.actors.cli.run.ForkCommand;
import io.atelier.actors.cli.run.NodeCommand;
import io.atelier.actors.cli.run.PlanCommand;
import io.atelier.actors.cli.run.TrainCommand;
import io.atelier.actors.cli.run.VerifyCommand;
import io.atelier.actors.cli.run.ViewCommand;
import io.atelier.actors.identity.Version;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/**
 * The entry point of {@code ./atelier}. Exit codes: 0 done, 1 failed, 2 a person must change
 * something first, 130 interrupted.
 */
@Command(
    name = "atelier",
    description = "Teaches text-to-image flow models to draw like reference images.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.VersionLine.class,
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "Start here: ./atelier train",
      "Every command has its own --help with examples.",
    },
    subcommands = {
      TrainCommand.class,
      NodeCommand.class,
      StatusCommand.class,
      AmendCommand.class,
      ForkCommand.class,
      PauseCommand.class,
      ResumeCommand.class,
      DrainCommand.class,
      PlanCommand.class,
      VerifyCommand.class,
      ViewCommand.class,
      CompareCommand.class,
      SampleCommand.class,
      ReferencesCommand.class,
      EvalCommand.class,
      BestOfCommand.class,
      ExportLoraCommand.class,
      ExportModelCommand.class,
      BenchCommand.class,
      ExperimentCommand.class,
      PretrainCommand.class,
      ArtifactCommand.class,
      SelfTrainingCommand.class,
      AuditPlacesCommand.class,
      DoctorCommand.class,
    })
public final class Main implements Runnable {

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  private Main() {}

  public static void main(String[] arguments) {
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT); // no Arabic digits in error messages
    StandardOutput standard = new StandardOutput();
    PrintWriter out = standard.writer();
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    Optional<String> problem = Arguments.problem(System.getProperty("sun.jnu.encoding"), arguments);
    if (problem.isPresent()) {
      err.println("atelier: " + problem.get());
      System.exit(ExitCode.WRONG_USAGE);
    }
    int code = run(out, err, arguments);
    out.flush();
    System.exit(standard.failure().map(e -> Failures.lost(e, err, code)).orElse(code));
  }

  /** Runs a command and returns its exit code; never ends the JVM. */
  public static int run(PrintWriter out, PrintWriter err, String... arguments) {
    try {
      return commandLine().setOut(out).setErr(err).execute(arguments);
    } catch (Error e) { // out of memory, no native library: picocli handles exceptions only
      return Failures.handle(e, err, List.of(arguments));
    }
  }

  /** All commands with their options. */
  static CommandLine commandLine() {
    Failures failures = new Failures();
    CommandLine command =
        new CommandLine(new Main())
            .registerConverter(Path.class, Converters::path)
            .setUsageHelpWidth(100)
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setExecutionExceptionHandler(failures)
            .setParameterExceptionHandler(failures);
    ConfigOptions.listPresets(command);
    return command;
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** The line that {@code --version} prints. */
  static final class VersionLine implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String build = Version.build().map(id -> " (build " + id.substring(0, 8) + ")").orElse("");
      return new String[] {"atelier " + Version.of("atelier") + build};
    }
  }
}
