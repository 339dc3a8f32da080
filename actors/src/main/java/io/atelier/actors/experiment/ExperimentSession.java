package io.atelier.actors.experiment;

import io.atelier.actors.run.RunFolderException;
import io.atelier.actors.run.WriteFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Several experiments in a folder: {@code runs} has their runs, and beside it is a page with a
 * figure of each experiment.
 */
public final class ExperimentSession {

  private static final String MISSING = "not run yet";

  private final List<Experiment> experiments;
  private final Map<Experiment, Map<String, Map<Long, ArmRun>>> runs = new LinkedHashMap<>();
  private final Map<Path, String> why = new HashMap<>();
  private final Path out;
  private final ExperimentRuns making;
  private final Consumer<String> say;

  /**
   * Looks at all configurations.
   *
   * @param seeds in place of those of the experiments, if given
   * @param parallel most runs at a time, at least 1
   * @param say told what is done, from several threads
   */
  public ExperimentSession(
      List<Experiment> experiments,
      Optional<List<Long>> seeds,
      Path out,
      int parallel,
      Consumer<String> say) {
    this.experiments =
        experiments.stream().map(each -> seeds.map(s -> withSeeds(each, s)).orElse(each)).toList();
    this.out = out;
    this.say = say;
    this.making = new ExperimentRuns(parallel, say);
    Path folder = out.resolve("runs").toAbsolutePath().normalize();
    for (Experiment experiment : this.experiments) {
      Map<String, Map<Long, ArmRun>> arms = new LinkedHashMap<>();
      for (Arm arm : experiment.arms()) {
        Map<Long, ArmRun> bySeed = new LinkedHashMap<>();
        experiment.seeds().forEach(seed -> bySeed.put(seed, ArmRun.of(arm, seed, folder)));
        arms.put(arm.name(), bySeed);
      }
      runs.put(experiment, arms);
    }
  }

  private static Experiment withSeeds(Experiment experiment, List<Long> seeds) {
    return new Experiment(
        experiment.name(),
        experiment.question(),
        experiment.minutes(),
        seeds,
        experiment.arms(),
        experiment.thresholds());
  }

  public List<Experiment> experiments() {
    return experiments;
  }

  /** Runs of an experiment that are not done. */
  public int missing(Experiment experiment) {
    return (int)
        all(experiment).stream()
            .filter(run -> run.curves().isEmpty())
            .map(ArmRun::folder)
            .distinct()
            .count();
  }

  private List<ArmRun> all(Experiment experiment) {
    return runs.get(experiment).values().stream().flatMap(arm -> arm.values().stream()).toList();
  }

  /**
   * Makes what is not done, each run once however many experiments have it.
   *
   * @return whether all are done now
   */
  public boolean make() throws InterruptedException {
    Map<Path, ArmRun> missing = new LinkedHashMap<>();
    int done = 0;
    for (Experiment experiment : experiments) {
      for (ArmRun run : all(experiment)) {
        if (run.curves().isEmpty()) {
          missing.putIfAbsent(run.folder(), run);
        } else {
          done++;
        }
      }
    }
    if (done > 0) {
      say.accept("%d run(s) are done already".formatted(done));
    }
    if (missing.isEmpty()) {
      return true;
    }
    create(out.resolve("runs"));
    making
        .make(List.copyOf(missing.values()))
        .forEach((run, reason) -> why.put(run.folder(), reason));
    return missing.values().stream().allMatch(run -> run.curves().isPresent());
  }

  /** Has all runs end after their steps and checkpoints; the second time at once. */
  public void stop() {
    making.stop();
  }

  /** Whether it was asked to stop. */
  public boolean isStopped() {
    return making.isStopping();
  }

  /**
   * Writes the page of an experiment, and its figure beside it.
   *
   * @return the page
   */
  public List<String> write(Experiment experiment, ResultPage.Made made) {
    List<String> page = page(experiment, made, out, "");
    write(out.resolve(experiment.name() + ".md"), page);
    return page;
  }

  /**
   * Puts the page of an experiment into a file with those of others, in place of what was there of
   * it; its figure goes into a folder beside that has the name of the file.
   */
  public void write(Experiment experiment, ResultPage.Made made, Path file) {
    String name = String.valueOf(file.getFileName());
    String folder =
        name.contains(".") ? name.substring(0, name.lastIndexOf('.')) : name + "-figures";
    Path parent = file.toAbsolutePath().getParent();
    List<String> page = page(experiment, made, parent, folder + "/");
    List<String> before = List.of("# Experiments", "");
    try {
      before = Files.exists(file) ? Files.readAllLines(file) : before;
    } catch (IOException e) {
      throw new RunFolderException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
    }
    write(file, replaced(before, ResultPage.heading(experiment.name()), page));
  }

  /** The lines with another section of this heading, or with one more. */
  static List<String> replaced(List<String> lines, String heading, List<String> section) {
    int from = lines.indexOf(heading);
    List<String> all = new ArrayList<>(from < 0 ? lines : lines.subList(0, from));
    if (!all.isEmpty() && !all.get(all.size() - 1).isBlank()) {
      all.add("");
    }
    all.addAll(section);
    if (from >= 0) {
      lines.subList(from + 1, lines.size()).stream()
          .dropWhile(line -> !line.startsWith("## "))
          .forEach(all::add);
    }
    return all;
  }

  /** The page; its figure is written. */
  private List<String> page(
      Experiment experiment, ResultPage.Made made, Path folder, String prefix) {
    ResultPage page = new ResultPage(experiment, results(experiment));
    String svg = page.chart();
    String place = svg.isEmpty() ? "" : prefix + experiment.name() + ".svg";
    if (!svg.isEmpty()) {
      Path file = folder.resolve(place);
      create(file.getParent());
      write(file, svg.lines().toList());
    }
    return page.lines(made, place);
  }

  private Results results(Experiment experiment) {
    Map<String, Map<Long, Results.Run>> measured = new LinkedHashMap<>();
    runs.get(experiment)
        .forEach(
            (arm, bySeed) -> {
              Map<Long, Results.Run> own = new LinkedHashMap<>();
              bySeed.forEach(
                  (seed, run) ->
                      own.put(
                          seed,
                          new Results.Run(run.curves(), why.getOrDefault(run.folder(), MISSING))));
              measured.put(arm, own);
            });
    return new Results(experiment.seeds(), measured);
  }

  private static void write(Path file, List<String> lines) {
    try {
      Files.write(file, lines);
    } catch (IOException e) {
      throw new WriteFailedException(file, e);
    }
  }

  private static void create(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new WriteFailedException(folder, e);
    }
  }
}
