package io.atelier.actors.rewards;

import io.atelier.actors.port.Seam;
import java.time.Duration;

/** Waits between two calls. */
interface Pauses {

  void pause(Duration time) throws InterruptedException;

  /** Sleeps for the given time. */
  static Pauses system() {
    return Pauses::sleep;
  }

  @Seam("a server that is away is given time; whoever asks has nothing else to do")
  private static void sleep(Duration time) throws InterruptedException {
    Thread.sleep(time.toMillis());
  }
}
