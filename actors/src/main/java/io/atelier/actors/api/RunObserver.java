package io.atelier.actors.api;

import io.atelier.actors.report.EvaluationReport;
import io.atelier.actors.report.RunEnd;
import io.atelier.actors.report.StepReport;

/**
 * What a program is told of a run in its own actor system. Called by actors of the run, which wait
 * for it: it sends messages and does not wait. If one of the first two throws, the run fails.
 */
public interface RunObserver {

  /** A step is trained. */
  default void onStep(StepReport report) {}

  /** An evaluation is done. */
  default void onEvaluation(EvaluationReport report) {}

  /** The run is over, and all is written; its folder is given free when its actor has stopped. */
  default void onEnd(RunEnd end) {}

  /** The run failed, or its actor was stopped in the middle of it. */
  default void onFailed(Throwable firstCause) {}
}
