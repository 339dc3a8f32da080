package io.atelier.tests.toy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Waits of the parts of a toy run for each other. */
public final class Latches {

  private Latches() {}

  /**
   * Waits until a latch is open.
   *
   * @throws IllegalStateException if it is not within two minutes, which is longer than a busy
   *     machine takes
   */
  public static void await(CountDownLatch latch) {
    try {
      if (!latch.await(2, TimeUnit.MINUTES)) {
        throw new IllegalStateException("what was waited for has not happened");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
