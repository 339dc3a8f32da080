package io.atelier.models.files;

import org.slf4j.Marker;
import org.slf4j.MarkerFactory;

/** Work that takes so long that whoever waits for it should see how far it is. */
public final class LongWork {

  /** Marks lines of the log that are also shown to whoever waits. */
  public static final Marker SHOWN = MarkerFactory.getMarker("shown");

  private LongWork() {}
}
