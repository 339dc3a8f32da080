package io.atelier.actors.experiment;

import io.atelier.actors.run.ReadFailedException;
import io.atelier.actors.run.RunCurves;
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
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Several experiments in a folder: {@code runs} has their runs, {@code files} what these need, and
 * beside them is a page with a figure of each experiment.
 */
public final class ExperimentSession {

  private static final String MISSING = "not run yet";
  private static final Set<String> TIMES = Set.of("elapsed", "time");

  private final Path out;
  private final Optional<Path> page;
  private final ResultPage.Made made;
  private final Consumer<String> say;
  private final Jobs jobs;
  private final Map<Experiment, Map<String, Map<Long, ArmRun>>> runs = new LinkedHashMap<>();
  private final Map<Path, String> why = new HashMap<>();

  /**
   * Looks at all configurations.
   *
   * @param seeds in place of those of the experiments, if given; those of which all runs are
   *     published beside {@code page} are taken, too
   * @param page file with the pages of experiments, beside which runs are published; if any
   * @param made how
   * @param say told what is done, from several threads
   */
  public ExperimentSession(
      List<Experiment> experiments,
      Optional<List<Long>> seeds,
      Path out,
      Optional<Path> page,
      ResultPage.Made made,
      Consumer<String> say) {
    this.out = out.toAbsolutePath().normalize();
    this.page = page;
    this.made = made;
    this.say = say;
    this.jobs = new Jobs(made.parallel(), say);
    for (Experiment experiment : experiments) {
      Experiment asked = seeds.map(s -> withPublished(experiment, s)).orElse(experiment);
      runs.put(asked, runs(asked, this.out));
    }
  }

  private Experiment withPublished(Experiment experiment, List<Long> seeds) {
    Set<Long> all = new TreeSet<>(Long::compareUnsigned);
    all.addAll(seeds);
    Map<String, Map<Long, ArmRun>> every = runs(experiment, out);
    experiment.seeds().stream()
        .filter(
            seed -> every.values().stream().allMatch(arm -> published(arm.get(seed)).isPresent()))
        .forEach(all::add);
    return experiment.withSeeds(List.copyOf(all));
  }

  /**
   * Runs by arm and seed. Trained arms are placed first, since others may name their runs.
   *
   * @param out folder of everything, absolute
   * @throws io.atelier.actors.config.InvalidConfigException if an arm's configuration cannot be run
   */
  static Map<String, Map<Long, ArmRun>> runs(Experiment experiment, Path out) {
    Path files = out.resolve("files");
    Places places =
        Places.of(
            out,
            experiment.files().stream()
                .map(file -> FileJob.of(file.name(), file.command(), files))
                .toList());
    Map<String, Map<Long, ArmRun>> arms = new LinkedHashMap<>();
    experiment.arms().forEach(arm -> arms.put(arm.name(), new LinkedHashMap<>()));
    for (Arm arm : experiment.arms()) {
      if (arm instanceof Arm.Trained trained) {
        Map<Long, TrainedRun> bySeed = new LinkedHashMap<>();
        experiment.seeds().forEach(s -> bySeed.put(s, TrainedRun.of(trained, s, places)));
        places.trained().put(arm.name(), bySeed);
        arms.get(arm.name()).putAll(bySeed);
      }
    }
    for (Arm arm : experiment.arms()) {
      if (arm instanceof Arm.Measured measured) {
        experiment
            .seeds()
            .forEach(s -> arms.get(arm.name()).put(s, MeasuredRun.of(measured, s, places)));
      }
    }
    return arms;
  }

  public List<Experiment> experiments() {
    return List.copyOf(runs.keySet());
  }

  /** Runs of an experiment that are not done. */
  public int missing(Experiment experiment) {
    return (int)
        all(experiment).stream()
            .filter(run -> !isMeasured(run))
            .map(ArmRun::place)
            .distinct()
            .count();
  }

  private List<ArmRun> all(Experiment experiment) {
    return runs.get(experiment).values().stream().flatMap(arm -> arm.values().stream()).toList();
  }

  private boolean isMeasured(ArmRun run) {
    return run.isDone() || published(run).isPresent();
  }

  private Optional<Published> published(ArmRun run) {
    return page.flatMap(file -> Published.find(run, beside(file).resolve("runs")));
  }

  /** The folder of what belongs to a file of pages. */
  private static Path beside(Path file) {
    String name = String.valueOf(file.getFileName());
    return file.toAbsolutePath()
        .resolveSibling(
            name.contains(".") ? name.substring(0, name.lastIndexOf('.')) : name + "-figures");
  }

  /**
   * Makes what is not done, each run once however many experiments have it, after what it needs.
   *
   * @return whether all are done now
   */
  public boolean make() throws InterruptedException {
    List<ArmRun> wanted = runs.keySet().stream().flatMap(each -> all(each).stream()).toList();
    long done = wanted.stream().filter(this::isMeasured).count();
    if (done > 0) {
      say.accept("%d run(s) are done already".formatted(done));
    }
    SortedMap<Integer, Map<Path, Job>> stages = new TreeMap<>();
    wanted.stream().filter(run -> !isMeasured(run)).forEach(run -> plan(run, stages));
    for (Map<Path, Job> stage : stages.values()) {
      List<Job> ready = new ArrayList<>();
      for (Job job : stage.values()) {
        Optional<Job> missing = job.needs().stream().filter(need -> !need.isDone()).findFirst();
        missing.ifPresentOrElse(
            need -> why.put(job.place(), "needs %s, which is not done".formatted(need.name())),
            () -> ready.add(job));
      }
      if (!ready.isEmpty()) {
        create(out.resolve("runs"));
        ready.stream().filter(FileJob.class::isInstance).forEach(file -> create(file.place()));
        jobs.make(ready).forEach((job, reason) -> why.put(job.place(), reason));
      }
    }
    return wanted.stream().allMatch(this::isMeasured);
  }

  /**
   * Puts a job and what it needs into stages, each of which needs nothing of later ones.
   *
   * @return the job's stage
   */
  private static int plan(Job job, SortedMap<Integer, Map<Path, Job>> stages) {
    int stage = 0;
    for (Job need : job.needs()) {
      if (!need.isDone()) {
        stage = Math.max(stage, 1 + plan(need, stages));
      }
    }
    stages.computeIfAbsent(stage, s -> new LinkedHashMap<>()).putIfAbsent(job.place(), job);
    return stage;
  }

  /** Has all runs end after their steps and checkpoints; the second time at once. */
  public void stop() {
    jobs.stop();
  }

  /** Whether it was asked to stop. */
  public boolean isStopped() {
    return jobs.isStopping();
  }

  /**
   * Writes the page of an experiment, and its figure beside it. If there is a file of pages, and
   * all is done that was to be, its section is put there, too, and its runs are published beside
   * it.
   *
   * @return the page
   */
  public List<String> write(Experiment experiment) {
    ResultPage result = new ResultPage(experiment, results(experiment));
    create(out);
    List<String> own = lines(result, out, "");
    write(out.resolve(experiment.name() + ".md"), own);
    if (!isStopped()) { // a section that is whole is not replaced by half of one
      page.ifPresent(file -> publish(result, file));
    }
    return own;
  }

  private void publish(ResultPage result, Path file) {
    Path folder = beside(file);
    List<String> before = List.of("# Experiments", "");
    try {
      before = Files.exists(file) ? Files.readAllLines(file) : before;
    } catch (IOException e) {
      throw new ReadFailedException(file, e);
    }
    Experiment experiment = result.experiment();
    List<String> section =
        lines(result, file.toAbsolutePath().getParent(), folder.getFileName() + "/");
    write(file, replaced(before, ResultPage.heading(experiment.name()), section));
    Set<String> kept = new TreeSet<>(TIMES);
    Stream.concat(Stream.of(experiment), Experiments.names().stream().map(Experiments::read))
        .flatMap(each -> each.measures().stream())
        .forEach(kept::add);
    for (ArmRun run : all(experiment)) {
      run.curves()
          .ifPresent(
              curves ->
                  Published.of(run, curves, kept, made.machine(), made.program())
                      .write(run, folder.resolve("runs")));
    }
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
  private List<String> lines(ResultPage result, Path folder, String prefix) {
    String svg = result.chart();
    String place = svg.isEmpty() ? "" : prefix + result.experiment().name() + ".svg";
    if (!svg.isEmpty()) {
      Path file = folder.resolve(place);
      create(file.getParent());
      write(file, svg.lines().toList());
    }
    return result.lines(made, place);
  }

  private Results results(Experiment experiment) {
    Map<String, Map<Long, Results.Run>> measured = new LinkedHashMap<>();
    runs.get(experiment)
        .forEach(
            (arm, bySeed) -> {
              Map<Long, Results.Run> own = new LinkedHashMap<>();
              bySeed.forEach((seed, run) -> own.put(seed, result(run)));
              measured.put(arm, own);
            });
    return new Results(experiment.seeds(), measured);
  }

  private Results.Run result(ArmRun run) {
    Optional<RunCurves> own = run.curves();
    if (own.isPresent()) {
      return new Results.Run(own, "", made.machine());
    }
    return published(run)
        .map(before -> new Results.Run(Optional.of(before.curves()), "", before.machine()))
        .orElseGet(
            () ->
                new Results.Run(
                    Optional.empty(), why.getOrDefault(run.place(), MISSING), made.machine()));
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
