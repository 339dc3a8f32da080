package io.atelier.actors.api;

import io.atelier.actors.report.EvaluationReport;
import io.atelier.actors.report.RunEnd;
import io.atelier.actors.report.StepReport;

/**
 * Receives the events of a run in a program's own actor system. Called by actors of the run, which
 * wait for it: implementations should send messages and not block. If one of the first two methods
 * throws, the run fails.
 */
public interface RunObserver {

  /** A step has been trained. */
  default void onStep(StepReport report) {}

  /** An evaluation has finished. */
  default void onEvaluation(EvaluationReport report) {}

  /**
   * The run is over and everything is written; its folder is released when its actor has stopped.
   */
  default void onEnd(RunEnd end) {}

  /** The run failed, or its actor was stopped before the end. */
  default void onFailed(Throwable firstCause) {}
}
