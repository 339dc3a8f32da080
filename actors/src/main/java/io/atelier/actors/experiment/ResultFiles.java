package io.atelier.actors.experiment;

import io.atelier.actors.run.alarm.RunCurves;
import io.atelier.actors.run.file.ReadFailedException;
import io.atelier.actors.run.file.WriteFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes pages of experiments and the files that belong to them.
 *
 * @param out folder with a page of each experiment
 * @param file with the sections of all experiments, if any; the folder beside it with its name
 *     takes figures, and {@code runs} in that the measurements of runs
 * @param made how the runs are made
 */
record ResultFiles(Path out, Optional<Path> file, ResultPage.Made made) {

  private static final String MISSING = "not run yet";
  private static final String RUNS = "runs";
  private static final Set<String> TIMES = Set.of("elapsed", "time");

  /** Returns the measurements of a run, if it is published. */
  Optional<Published> find(ArmRun run) {
    return file.flatMap(pages -> Published.find(run, beside(pages).resolve(RUNS)));
  }

  /** Returns the seeds of all published runs. */
  Set<Long> publishedSeeds() {
    if (file.isEmpty() || Files.notExists(beside(file.get()).resolve(RUNS))) {
      return Set.of();
    }
    Path folder = beside(file.get()).resolve(RUNS);
    try (Stream<Path> runs = Files.list(folder)) {
      return runs.flatMap(run -> Published.seed(run).stream()).collect(Collectors.toSet());
    } catch (IOException e) {
      throw new ReadFailedException(folder, e);
    }
  }

  /** Returns the folder that belongs to a file of pages. */
  private static Path beside(Path pages) {
    String name = String.valueOf(pages.getFileName());
    return pages
        .toAbsolutePath()
        .resolveSibling(
            name.contains(".") ? name.substring(0, name.lastIndexOf('.')) : name + "-figures");
  }

  /**
   * Writes the page of an experiment, and its figure beside it.
   *
   * @param runs by arm and seed
   * @param why runs are not done, by their places
   * @param publish whether to put the section into the common file, too, and its runs' measurements
   *     beside it
   * @return the page
   */
  List<String> write(
      Experiment experiment,
      Map<String, Map<Long, ArmRun>> runs,
      Map<Path, String> why,
      boolean publish) {
    ResultPage result = new ResultPage(experiment, results(experiment, runs, why));
    create(out);
    List<String> own = lines(result, out, "");
    write(out.resolve(experiment.name() + ".md"), own);
    if (publish) {
      file.ifPresent(pages -> publish(result, runs, pages));
    }
    return own;
  }

  private void publish(ResultPage result, Map<String, Map<Long, ArmRun>> runs, Path pages) {
    Path folder = beside(pages);
    List<String> before = List.of("# Experiments", "");
    try {
      before = Files.exists(pages) ? Files.readAllLines(pages) : before;
    } catch (IOException e) {
      throw new ReadFailedException(pages, e);
    }
    Experiment experiment = result.experiment();
    List<String> section =
        lines(result, pages.toAbsolutePath().getParent(), folder.getFileName() + "/");
    write(pages, replaced(before, ResultPage.heading(experiment.name()), section));
    Set<String> kept = new TreeSet<>(TIMES);
    Stream.concat(Stream.of(experiment), Experiments.names().stream().map(Experiments::read))
        .flatMap(each -> each.measures().stream())
        .forEach(kept::add);
    runs.values().stream()
        .flatMap(arm -> arm.values().stream())
        .forEach(
            run ->
                run.curves()
                    .ifPresent(
                        curves ->
                            Published.of(run, curves, kept, made.machine(), made.program())
                                .write(run, folder.resolve(RUNS))));
  }

  /** Returns the lines with the section of this heading replaced, or appended. */
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

  /** Returns the page, and writes its figure. */
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

  private Results results(
      Experiment experiment, Map<String, Map<Long, ArmRun>> runs, Map<Path, String> why) {
    Map<String, Map<Long, Results.Run>> measured = new LinkedHashMap<>();
    runs.forEach(
        (arm, bySeed) -> {
          Map<Long, Results.Run> own = new LinkedHashMap<>();
          bySeed.forEach((seed, run) -> own.put(seed, result(run, why)));
          measured.put(arm, own);
        });
    return new Results(experiment.seeds(), measured);
  }

  private Results.Run result(ArmRun run, Map<Path, String> why) {
    Optional<RunCurves> own = run.curves();
    if (own.isPresent()) {
      return new Results.Run(own, "", made.machine());
    }
    return find(run)
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

  static void create(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new WriteFailedException(folder, e);
    }
  }
}
