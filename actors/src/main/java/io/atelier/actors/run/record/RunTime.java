package io.atelier.actors.run.record;

import io.atelier.actors.port.Clock;
import io.atelier.actors.run.file.JsonLines;
import io.atelier.actors.run.file.RunFiles;

/** How long a run takes: in all, the processes before this one included, and for a step. */
final class RunTime {

  /** How much of the mean time of a step stays when another is done. */
  private static final double PACE = 0.8;

  private final Clock clock;
  private final double before;
  private final long startNanos;
  private double secondsPerStep;

  RunTime(RunFiles files, Clock clock) {
    this.clock = clock;
    this.before =
        JsonLines.read(files.metrics()).stream()
            .mapToDouble(line -> ((Number) line.get("elapsed")).doubleValue())
            .max()
            .orElse(0);
    this.startNanos = clock.nanos();
  }

  /** Seconds in which the run has run. */
  double elapsed() {
    return before + (clock.nanos() - startNanos) / 1e9;
  }

  /** A step took this long; returns the mean of late. */
  double stepped(double seconds) {
    secondsPerStep = secondsPerStep == 0 ? seconds : PACE * secondsPerStep + (1 - PACE) * seconds;
    return secondsPerStep;
  }
}
