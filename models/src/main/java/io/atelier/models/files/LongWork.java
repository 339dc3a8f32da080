package io.atelier.models.files;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;

/** Work that takes so long that whoever waits for it should see how far it is. */
public final class LongWork {

  /** Marks lines of the log that are also shown to whoever waits. */
  public static final Marker SHOWN = MarkerFactory.getMarker("shown");

  private LongWork() {}

  /**
   * Counts what is done and shows each tenth of it; from any thread.
   *
   * @param all how much there is to do, at least 1
   * @param done what is said of two numbers, such as {@code {} of {} prompts are encoded}
   * @return told how much more is done
   */
  public static IntConsumer tenths(Logger log, int all, String done) {
    AtomicInteger count = new AtomicInteger();
    return more -> {
      int now = count.addAndGet(more);
      if (10L * now / all > 10L * (now - more) / all) {
        log.info(SHOWN, done, now, all);
      }
    };
  }
}
