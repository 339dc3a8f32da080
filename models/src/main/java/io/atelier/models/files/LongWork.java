package io.atelier.models.files;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;

/** Progress of work that takes long enough for the user to want to see it. */
public final class LongWork {

  /** Marks log lines that are also shown to the user. */
  public static final Marker SHOWN = MarkerFactory.getMarker("shown");

  private LongWork() {}

  /**
   * Counts finished items and logs each tenth; callable from any thread.
   *
   * @param all total number of items, at least 1
   * @param done message with two numbers, such as {@code {} of {} prompts are encoded}
   * @return takes the number of newly finished items
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
