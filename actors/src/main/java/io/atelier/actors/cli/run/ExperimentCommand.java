package io.atelier.actors.cli.run;

import io.atelier.actors.cli.console.ExitCode;
import io.atelier.actors.cli.console.Interrupts;
import io.atelier.actors.cli.console.Outputs;
import io.atelier.actors.cli.console.TextTable;
import io.atelier.actors.cli.option.Converters;
import io.atelier.actors.experiment.Experiment;
import io.atelier.actors.experiment.ExperimentSession;
import io.atelier.actors.experiment.Experiments;
import io.atelier.actors.experiment.ResultPage;
import io.atelier.actors.identity.Version;
import io.atelier.actors.machine.Machine;
import io.atelier.models.tensor.DeviceChoice;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "experiment",
    description = "Makes the runs of experiments, and a table of results beside what was expected.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Each run is a process of its own. Runs that are done in DIR are not repeated, and one that was",
      "stopped or killed resumes from its last checkpoint. DIR gets runs/, and for each experiment a",
      "page NAME.md with a figure. docs/writing-experiments.md says how to add one.",
      "",
      "Examples:",
      "  ./atelier experiment list",
      "  ./atelier experiment fixed-reward --seeds 1",
      "  ./atelier experiment all --out runs/experiments --write docs/experiments.md",
      "  ./atelier experiment my-own.conf --parallel 4",
    })
public final class ExperimentCommand implements Callable<Integer> {

  private static final String LIST = "list";
  private static final String ALL = "all";

  /** A run of the presets for emoji64 keeps this many busy. */
  private static final int CORES_OF_A_RUN = 2;

  private static final int MOST_PARALLEL = 256;

  @Parameters(
      paramLabel = "NAME",
      arity = "1..*",
      description = "Experiments, or their files, which end in .conf; all; or list.")
  private List<String> names;

  @Option(
      names = "--seeds",
      paramLabel = "S",
      split = ",",
      description = "Seeds of each arm's runs, such as 1,2,3 (default: as the experiment says).",
      converter = Converters.SeedConverter.class)
  private List<Long> seeds = new ArrayList<>();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder of runs and pages (default: ${DEFAULT-VALUE}).",
      defaultValue = "runs/experiments")
  private Path out;

  @Option(
      names = "--parallel",
      paramLabel = "N",
      description = "Runs at a time (default: one for every two cores).",
      defaultValue = "0")
  private int parallel;

  @Option(
      names = "--write",
      paramLabel = "FILE",
      description =
          "Markdown file in which the sections of these experiments are replaced, too. Measurements"
              + " are kept in a folder beside it, and their runs are not made again.")
  private Optional<Path> write;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    if (new HashSet<>(seeds).size() < seeds.size()) {
      throw new ParameterException(
          spec.commandLine(), "--seeds %s: give each seed once".formatted(seeds));
    }
    if (parallel < 0 || parallel > MOST_PARALLEL) {
      throw new ParameterException(
          spec.commandLine(),
          "--parallel %d must be 1 to %d, or 0 for one for every two cores"
              .formatted(parallel, MOST_PARALLEL));
    }
    boolean list = names.equals(List.of(LIST));
    if (names.size() > 1 && (names.contains(LIST) || names.contains(ALL))) {
      throw new ParameterException(
          spec.commandLine(), "list and all stand alone; leave out the other names");
    }
    PrintWriter standard = spec.commandLine().getOut();
    List<Experiment> experiments =
        (list || names.equals(List.of(ALL)) ? Experiments.names() : names)
            .stream().distinct().map(Experiments::read).toList();
    if (!list) {
      Outputs.requireFolder(out);
      write.ifPresent(file -> Outputs.requireFolder(file.toAbsolutePath().getParent()));
    }
    int atOnce =
        parallel > 0
            ? parallel
            : Math.max(1, Runtime.getRuntime().availableProcessors() / CORES_OF_A_RUN);
    ResultPage.Made made =
        new ResultPage.Made(
            Machine.processor(Machine.expectsGpu(DeviceChoice.AUTO)),
            "atelier " + Version.of("atelier"),
            atOnce);
    ExperimentSession session =
        new ExperimentSession(
            experiments,
            seeds.isEmpty() ? Optional.empty() : Optional.of(seeds),
            out,
            write,
            made,
            line -> say(standard, line));
    if (list) {
      list(session, standard);
      return ExitCode.DONE;
    }
    Interrupts.handle(session::stop);
    boolean done = session.make();
    for (Experiment experiment : session.experiments()) {
      session.write(experiment).forEach(line -> say(standard, line));
    }
    if (session.isStopped()) {
      return ExitCode.INTERRUPTED;
    }
    return done ? ExitCode.DONE : ExitCode.FAILED;
  }

  /** Prints whole lines, whichever run they come from. */
  private static synchronized void say(PrintWriter out, String line) {
    out.println(line);
    out.flush();
  }

  private static void list(ExperimentSession session, PrintWriter out) {
    TextTable table = new TextTable("experiment", "runs", "to do", "minutes", "question");
    for (Experiment experiment : session.experiments()) {
      int missing = session.missing(experiment);
      table.add(
          experiment.name(),
          "%d x %d".formatted(experiment.arms().size(), experiment.seeds().size()),
          Integer.toString(missing),
          experiment.minutes() == 0
              ? "?"
              : String.format(Locale.ROOT, "%.0f", missing * experiment.minutes()),
          experiment.question());
    }
    table.lines().forEach(out::println);
    out.println();
    out.println("Minutes are for the runs to do, one after the other on two cores of 2.4 GHz.");
  }
}
