package io.atelier.actors.ledger.event;

/** Handles every kind of {@link Event}: one that is not handled does not compile. */
public interface EventHandler {

  void on(Event.Tick event);

  void on(Event.Published event);

  void on(Event.WorkerLost event);

  void on(Event.NodeJoined event);

  void on(Event.NodeBeat event);

  void on(Event.GaveUp event);

  void on(Event.NodeLost event);

  void on(Event.Loaded event);

  void on(Event.NotLoaded event);

  void on(Event.NoRoom event);

  void on(Event.Generated event);

  void on(Event.Scored event);

  void on(Event.Landed event);

  void on(Event.NotLanded event);

  void on(Event.ImagesGone event);

  void on(Event.ScoreLater event);

  void on(Event.Unscorable event);

  void on(Event.Released event);

  void on(Event.PolicyTrained event);

  void on(Event.CriticTrained event);

  void on(Event.Evaluated event);

  void on(Event.NotEvaluated event);

  void on(Event.Journaled event);

  void on(Event.CheckpointWritten event);

  void on(Event.CheckpointRequested event);

  void on(Event.EvaluationRequested event);

  void on(Event.AmendmentRequested event);

  void on(Event.PauseRequested event);

  void on(Event.StopRequested event);

  void on(Event.Broken event);
}
