package io.atelier.actors.experiment;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A question, the runs that answer it, and what was expected before they ran.
 *
 * @param name of lower-case letters, digits and dashes
 * @param question what it asks, in a sentence
 * @param minutes approximate time of one run on two cores of 2.4 GHz; 0 if it was not measured
 * @param seeds of each arm's runs, unless others are asked for
 * @param files that commands make for the arms
 * @param arms that are compared, at least one
 * @param thresholds set before the runs
 */
public record Experiment(
    String name,
    String question,
    double minutes,
    List<Long> seeds,
    List<FileOf> files,
    List<Arm> arms,
    List<Threshold> thresholds) {

  /**
   * A file or folder that is made before the arms that name it.
   *
   * @param name of the file, by which arms name it
   * @param command words of a command of {@code ./atelier}; {@code {out}} is where to write
   */
  record FileOf(String name, List<String> command) {}

  public Experiment {
    seeds = List.copyOf(seeds);
    files = List.copyOf(files);
    arms = List.copyOf(arms);
    thresholds = List.copyOf(thresholds);
  }

  /** Returns the names of the measures in its thresholds. */
  Set<String> measures() {
    return thresholds.stream()
        .flatMap(threshold -> threshold.rule().stream())
        .flatMap(rule -> rule.quantities().stream())
        .map(Quantity::of)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  Experiment withSeeds(List<Long> others) {
    return new Experiment(name, question, minutes, others, files, arms, thresholds);
  }
}
