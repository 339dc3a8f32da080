package io.atelier.actors.guardian;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import io.atelier.actors.port.RunListener;

/**
 * Tells the shell again and again that the run's process lives, whatever the other actors are at.
 * What comes of it is no concern of the run.
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
