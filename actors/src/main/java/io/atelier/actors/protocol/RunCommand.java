package io.atelier.actors.protocol;

import akka.actor.typed.ActorRef;
import io.atelier.actors.ledger.model.Amendment;
import io.atelier.actors.report.EvaluationReport;
import io.atelier.actors.report.RankedImages;
import io.atelier.actors.report.RunEnd;
import io.atelier.actors.report.StepReport;
import io.atelier.actors.report.StepState;

/** What a run is told. */
public sealed interface RunCommand {

  /** What is answered when there is nothing left to do. */
  String OVER = "the run is over";

  /**
   * End the run, and with it its nodes.
   *
   * @param atOnce now, and without a checkpoint; otherwise after the current step and its
   *     checkpoint
   */
  record Stop(boolean atOnce) implements RunCommand {}

  /** End here after the current step and its checkpoint; the run goes on elsewhere. */
  enum HandOver implements RunCommand {
    INSTANCE
  }

  /** People see the run at this address. */
  record Page(String url) implements RunCommand {}

  /** Asks how the run is. */
  record Ask(ActorRef<RunStatus> replyTo) implements RunCommand {}

  /** Give no new work, or give it again; answered when a run that goes on later would know. */
  record Pause(boolean pause, ActorRef<RunStatus.Done> replyTo) implements RunCommand {}

  /** Use another value from the next step on that begins; answered when whoever goes on knows. */
  record Amend(String key, double value, String why, ActorRef<RunStatus.Done> replyTo)
      implements RunCommand {}

  /** Write a checkpoint at the next boundary between steps; answered when it is written. */
  record Checkpoint(ActorRef<RunStatus.Done> replyTo) implements RunCommand {}

  /** Evaluate the newest version of the policy; answered when that is done. */
  record Evaluate(ActorRef<RunStatus.Done> replyTo) implements RunCommand {}

  record StepDone(StepReport report) implements RunCommand {}

  record EvaluationDone(EvaluationReport report) implements RunCommand {}

  record CheckpointDue(StepState state) implements RunCommand {}

  record ImagesRanked(RankedImages images) implements RunCommand {}

  record Reported(String message) implements RunCommand {}

  /** The first work is given. */
  enum Begun implements RunCommand {
    INSTANCE
  }

  /** A node takes part; its address, empty outside a cluster, and what it computes with. */
  record Computes(String address, String computing) implements RunCommand {}

  /** The conductor stands still, or goes on; whoever wanted it is to be told. */
  record Paused(boolean paused, ActorRef<RunStatus.Done> replyTo) implements RunCommand {}

  /** A value is another one from a step on; whoever wanted it is to be told. */
  record Amended(Amendment amendment, ActorRef<RunStatus.Done> replyTo) implements RunCommand {}

  /** A worker on this node failed; the conductor hears of it too. */
  record WorkerFailed(RuntimeException error) implements RunCommand {}

  record Finished(RunEnd end) implements RunCommand {}

  record Failed(String firstCause) implements RunCommand {}

  /** The run is over, and pictures were waited for long enough. */
  enum Unpictured implements RunCommand {
    INSTANCE
  }
}
