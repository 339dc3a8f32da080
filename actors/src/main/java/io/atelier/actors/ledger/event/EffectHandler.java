package io.atelier.actors.ledger.event;

/** Carries out every kind of {@link Effect}: one that is not handled does not compile. */
public interface EffectHandler {

  void on(Effect.Load effect);

  void on(Effect.Generate effect);

  void on(Effect.Score effect);

  void on(Effect.Revoke effect);

  void on(Effect.Replace effect);

  void on(Effect.SetAside effect);

  void on(Effect.Forget effect);

  void on(Effect.Rejoin effect);

  void on(Effect.Land effect);

  void on(Effect.Admit effect);

  void on(Effect.Train effect);

  void on(Effect.Amend effect);

  void on(Effect.StepDone effect);

  void on(Effect.Release effect);

  void on(Effect.Retire effect);

  void on(Effect.Evaluate effect);

  void on(Effect.Write effect);

  void on(Effect.Checkpoint effect);

  void on(Effect.Report effect);

  void on(Effect.Fail effect);

  void on(Effect.Finish effect);
}
