package io.atelier.actors.experiment;

import io.atelier.actors.run.alarm.RunCurves;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Measurements of the runs of an experiment.
 *
 * @param seeds of each arm
 * @param runs of each arm by seed
 */
public record Results(List<Long> seeds, Map<String, Map<Long, Run>> runs) {

  /**
   * One run.
   *
   * @param curves that it measured; empty if it is not done
   * @param why it is not done, if so
   * @param machine on which it was done
   */
  record Run(Optional<RunCurves> curves, String why, String machine) {}

  Reading read(Quantity quantity, long seed) {
    Run run = runs.get(quantity.arm()).get(seed);
    return run.curves()
        .map(quantity::read)
        .orElseGet(() -> new Reading.Missing("arm %s: %s".formatted(quantity.arm(), run.why())));
  }

  /** Returns the machines on which these arms were run with a seed. */
  Set<String> machines(List<String> arms, long seed) {
    return arms.stream()
        .map(arm -> runs.get(arm).get(seed).machine())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Returns the machines of all finished runs. */
  Set<String> machines() {
    return runs.values().stream()
        .flatMap(bySeed -> bySeed.values().stream())
        .filter(run -> run.curves().isPresent())
        .map(Run::machine)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Returns the finished runs of an arm. */
  List<RunCurves> done(String arm) {
    return seeds.stream().flatMap(seed -> runs.get(arm).get(seed).curves().stream()).toList();
  }
}
