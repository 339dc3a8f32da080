package io.atelier.actors.experiment;

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

/**
 * Several experiments in a folder: {@code runs} has their runs, {@code files} the files that these
 * need, and beside them is a page with a figure for each experiment.
 */
public final class ExperimentSession {

  private final Path out;
  private final ResultFiles files;
  private final Consumer<String> say;
  private final Jobs jobs;
  private final Map<Experiment, Map<String, Map<Long, ArmRun>>> runs = new LinkedHashMap<>();
  private final Map<Path, String> why = new HashMap<>();

  /**
   * Checks all configurations.
   *
   * @param seeds in place of the experiments' own, if given; seeds with which all runs are
   *     published beside {@code page} are added
   * @param page file with the pages of experiments, beside which runs are published; if any
   * @param made how the runs are made
   * @param say receives progress messages, from several threads
   */
  public ExperimentSession(
      List<Experiment> experiments,
      Optional<List<Long>> seeds,
      Path out,
      Optional<Path> page,
      ResultPage.Made made,
      Consumer<String> say) {
    this.out = out.toAbsolutePath().normalize();
    this.files = new ResultFiles(this.out, page, made);
    this.say = say;
    this.jobs = new Jobs(made.parallel(), say);
    for (Experiment experiment : experiments) {
      Experiment asked = withPublished(experiment, seeds.orElse(experiment.seeds()));
      runs.put(asked, runs(asked, this.out));
    }
  }

  /** Adds to these seeds those with which every arm is published. */
  private Experiment withPublished(Experiment experiment, List<Long> seeds) {
    Set<Long> all = new TreeSet<>(Long::compareUnsigned);
    all.addAll(seeds);
    Set<Long> others = new TreeSet<>(files.publishedSeeds());
    others.removeAll(all);
    Map<String, Map<Long, ArmRun>> every = runs(experiment.withSeeds(List.copyOf(others)), out);
    others.stream()
        .filter(
            seed -> every.values().stream().allMatch(arm -> files.find(arm.get(seed)).isPresent()))
        .forEach(all::add);
    return experiment.withSeeds(List.copyOf(all));
  }

  /**
   * Returns runs by arm and seed. Trained arms are placed first, since others may name their runs.
   *
   * @param out folder of everything, absolute
   * @throws io.atelier.actors.config.section.InvalidConfigException if an arm's configuration
   *     cannot be run
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

  /** Returns the number of an experiment's runs that are not done. */
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
    return run.isDone() || files.find(run).isPresent();
  }

  /**
   * Makes what is not done, each run once even if several experiments have it, after what it needs.
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
        ResultFiles.create(out.resolve("runs"));
        ready.stream()
            .filter(FileJob.class::isInstance)
            .forEach(file -> ResultFiles.create(file.place()));
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

  /** Stops all runs after their current steps and checkpoints; a second call stops them at once. */
  public void stop() {
    jobs.stop();
  }

  /** Whether it was asked to stop. */
  public boolean isStopped() {
    return jobs.isStopping();
  }

  /**
   * Writes the page of an experiment, and its figure beside it. If there is a file of pages, and
   * nothing was stopped, its section there is replaced, too, and its runs are published beside it.
   *
   * @return the page
   */
  public List<String> write(Experiment experiment) {
    // a complete section is not replaced by an incomplete one
    return files.write(experiment, runs.get(experiment), why, !isStopped());
  }
}
