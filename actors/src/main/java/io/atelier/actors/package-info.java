/**
 * The shell: actors, the ledger, transport, configuration, run folder and command line.
 *
 * <p>A step of a run, and who does what in it; a name in brackets is the message, of {@link
 * io.atelier.actors.protocol} unless it is an effect or an event of the ledger:
 *
 * <pre>{@code
 * conductor.Conductor ── ledger.Ledger decides: events in, effects out
 *   │ (WorkerCommand.Generate)                   Effect.Generate
 *   ├──────────► worker.RolloutWorker   draws the images of a group with one policy version
 *   │ ◄──────────  (Event.Generated)    images and trajectories stay there, as blobs
 *   │ (WorkerCommand.Score)                      Effect.Score
 *   ├──────────► worker.RewardWorker    fetches the images, encodes and scores them
 *   │ ◄──────────  (Event.Scored)       features stay there, as blobs
 *   ├── conductor.Landing               copies trajectories and features here: Effect.Land,
 *   │                                   Event.Landed
 *   │ (PolicyLearnerCommand.Train)               Effect.Train, once all groups of a step are here
 *   ├──────────► learning.PolicyLearner ──► pool.GradientPool ──► worker.GradientWorker
 *   │              learning.RewardStage makes the rewards that are trained on
 *   │ (CriticLearnerCommand.Train)
 *   ├──────────► learning.CriticLearner
 *   │ ◄──────────  (PolicyTrained, CriticTrained): the new versions are published on
 *   │              weight streams, from which workers load them: Effect.Load, Event.Loaded
 *   └──► guardian.Run (RunCommand.StepDone) ──► port.RunListener: run.record.RunRecorder
 * }</pre>
 *
 * <p>The rooms, from what knows nothing of the others to what knows them all: {@code ledger}
 * decides; {@code transport} moves bytes and {@code codec} says what they mean; {@code report}
 * holds what is told of a run; {@code port} is what actors need from outside; {@code protocol} has
 * their messages, and {@code wire} their bytes. An actor lives in {@code conductor}, {@code
 * worker}, {@code learning} or {@code pool}, and knows no other of these; {@code guardian} puts the
 * actors of a run together, {@code node} those of a cluster. {@code run} keeps the files of a run,
 * {@code api}, {@code cli} and {@code web} are what users meet.
 */
package io.atelier.actors;
