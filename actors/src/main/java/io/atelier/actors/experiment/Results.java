package io.atelier.actors.experiment;

import io.atelier.actors.run.RunCurves;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the runs of an experiment measured.
 *
 * @param seeds of each arm
 * @param runs of each arm by seed
 */
public record Results(List<Long> seeds, Map<String, Map<Long, Run>> runs) {

  /**
   * One run.
   *
   * @param curves what it measured; empty if it is not done
   * @param why it is not done, if so
   */
  record Run(Optional<RunCurves> curves, String why) {}

  Reading read(Quantity quantity, long seed) {
    Run run = runs.get(quantity.arm()).get(seed);
    return run.curves()
        .map(quantity::read)
        .orElseGet(() -> new Reading.Missing("arm %s: %s".formatted(quantity.arm(), run.why())));
  }

  /** The runs of an arm that are done. */
  List<RunCurves> done(String arm) {
    return seeds.stream().flatMap(seed -> runs.get(arm).get(seed).curves().stream()).toList();
  }
}
