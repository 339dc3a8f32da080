package io.atelier.actors.port;

import io.atelier.actors.ledger.model.Amendment;
import io.atelier.actors.report.EvaluationReport;
import io.atelier.actors.report.RankedImages;
import io.atelier.actors.report.RunEnd;
import io.atelier.actors.report.StepReport;
import io.atelier.actors.report.StepState;
import java.time.Duration;

/**
 * Receives the events of a run. Called from one actor at a time, in the order of the run. A method
 * that throws fails the run with that cause.
 */
public interface RunListener {

  /** Interval between two calls of {@link #onBeat}. */
  Duration BEAT = Duration.ofSeconds(5);

  /**
   * Heartbeat of the run's process. Unlike all others called from its own thread, also while
   * another method is running, and possibly once more after the last call.
   */
  default void onBeat() {}

  /** The first lease has been given: models are loaded. */
  default void onBegun() {}

  /** The run was asked to end, and is about to. */
  default void onStopping() {}

  /** A step has been trained. */
  void onStep(StepReport report);

  /**
   * An evaluation has finished; evaluations run in the background, so this may come some steps
   * late.
   */
  void onEvaluation(EvaluationReport report);

  /** The images with the highest and lowest rewards of a step; only called for some steps. */
  void onRanked(RankedImages images);

  /**
   * A checkpoint is due; it counts as written when this method returns. Training continues
   * meanwhile, until the next checkpoint.
   */
  void onCheckpointDue(StepState state);

  /** A message for the user: a worker that was replaced, a group that was dropped, a stall. */
  void onReport(String message);

  /**
   * A node joins the run, or rejoins it.
   *
   * @param address {@code host:port}; empty outside a cluster
   * @param computing its device, type and library
   */
  void onNode(String address, String computing);

  /**
   * The user pauses or resumes the run, and gets the answer when this method returns: from then on
   * the next conductor must know of it.
   */
  void onPause(boolean paused);

  /**
   * A configuration value changes from a step on that has not begun. When this method returns, a
   * process that resumes the run must know of it.
   */
  void onAmended(Amendment amendment);

  /** The run is over: all steps are trained, or it was asked to stop. Last call. */
  void onFinished(RunEnd end);

  /** The run has failed; the message is its first cause. Last call. */
  void onFailed(Throwable firstCause);
}
