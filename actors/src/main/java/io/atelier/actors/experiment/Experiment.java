package io.atelier.actors.experiment;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A question, the runs that answer it, and what was expected before they ran.
 *
 * @param name by which it is called: lower-case letters, digits and dashes
 * @param question what it asks, in a sentence
 * @param minutes how long one run takes on two cores of 2.4 GHz, about; 0 if nobody has measured it
 * @param seeds of each arm's runs, unless others are asked for
 * @param files what commands make for the arms
 * @param arms what is compared, at least one
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

  /** What its thresholds are about, by name. */
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
