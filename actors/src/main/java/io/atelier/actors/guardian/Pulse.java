package io.atelier.actors.guardian;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import io.atelier.actors.port.RunListener;

/**
 * Sends heartbeats of the process to the run's listener, whatever the other actors are doing. A
 * failure there does not affect the run.
 */
final class Pulse {

  /** It is time. */
  enum Beat {
    INSTANCE
  }

  private Pulse() {}

  /** To run on a dispatcher for threads that block. */
  static Behavior<Beat> create(RunListener listener) {
    return Behaviors.withTimers(
        timers -> {
          timers.startTimerWithFixedDelay(Beat.INSTANCE, RunListener.BEAT);
          return Behaviors.receive(Beat.class)
              .onMessageEquals(
                  Beat.INSTANCE,
                  () -> {
                    listener.onBeat();
                    return Behaviors.same();
                  })
              .build();
        });
  }
}
