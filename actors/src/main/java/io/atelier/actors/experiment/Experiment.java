package io.atelier.actors.experiment;

import java.util.List;

/**
 * A question, the runs that answer it, and what was expected before they ran.
 *
 * @param name by which it is called: lower-case letters, digits and dashes
 * @param question what it asks, in a sentence
 * @param minutes how long one run takes on two cores of 2.4 GHz, about; 0 if nobody has measured it
 * @param seeds of each arm's runs, unless others are asked for
 * @param arms what is compared, at least one
 * @param thresholds set before the runs
 */
public record Experiment(
    String name,
    String question,
    double minutes,
    List<Long> seeds,
    List<Arm> arms,
    List<Threshold> thresholds) {

  public Experiment {
    seeds = List.copyOf(seeds);
    arms = List.copyOf(arms);
    thresholds = List.copyOf(thresholds);
  }
}
