package io.atelier.actors.run.record;

import io.atelier.actors.port.Clock;
import io.atelier.actors.run.file.JsonLines;
import io.atelier.actors.run.file.RunFiles;

/** How long a run takes: in total, earlier processes included, and per step. */
final class RunTime {

  /** Weight of the previous mean in the moving average of a step's time. */
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

  /** Seconds that the run has taken so far. */
  double elapsed() {
    return before + (clock.nanos() - startNanos) / 1e9;
  }

  /** Adds the time of a step; returns the moving average. */
  double stepped(double seconds) {
    secondsPerStep = secondsPerStep == 0 ? seconds : PACE * secondsPerStep + (1 - PACE) * seconds;
    return secondsPerStep;
  }
}
