package io.atelier.actors.port;

import io.atelier.actors.ledger.model.Amendment;
import io.atelier.actors.report.EvaluationReport;
import io.atelier.actors.report.RankedImages;
import io.atelier.actors.report.RunEnd;
import io.atelier.actors.report.StepReport;
import io.atelier.actors.report.StepState;
import java.time.Duration;

/**
 * What a run tells its shell. Called from one actor at a time, in the order of the run. A method
 * that throws fails the run with that cause.
 */
public interface RunListener {

  /** Pause between two calls of {@link #onBeat}. */
  Duration BEAT = Duration.ofSeconds(5);

  /**
   * The run's process lives. Unlike all others called from a thread of its own, also while another
   * method is at work, and may come once more after the last call.
   */
  default void onBeat() {}

  /** The first lease is given: models are loaded. */
  default void onBegun() {}

  /** The run was asked to end, and is about to. */
  default void onStopping() {}

  /** A step is trained. */
  void onStep(StepReport report);

  /** An evaluation is done; evaluations run aside, so this may come some steps late. */
  void onEvaluation(EvaluationReport report);

  /** Images with the highest and lowest rewards of a step; only some steps tell theirs. */
  void onRanked(RankedImages images);

  /**
   * A checkpoint is due; it counts as written when this method returns. Training goes on meanwhile,
   * up to the next checkpoint.
   */
  void onCheckpointDue(StepState state);

  /** A message for the user: a worker that was replaced, a group that was dropped, a stall. */
  void onReport(String message);

  /**
   * A node takes part in the run from now on, or again.
   *
   * @param address {@code host:port}; empty outside a cluster
   * @param computing what it computes with: device, type, library
   */
  void onNode(String address, String computing);

  /**
   * The user pauses or resumes the run, and is answered when this method returns: from then on a
   * conductor that follows this one must know.
   */
  void onPause(boolean paused);

  /**
   * A configuration value changes from a step on that has not begun. It counts as known to whoever
   * goes on with the run when this method returns.
   */
  void onAmended(Amendment amendment);

  /** The run is over: all steps are trained, or it was asked to stop. Last call. */
  void onFinished(RunEnd end);

  /** The run has failed; the message is its first cause. Last call. */
  void onFailed(Throwable firstCause);
}
