package io.atelier.actors.experiment;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Work of a process of {@code ./atelier}, done once even if several experiments need it. */
interface Job {

  /** Returns its name in messages. */
  String name();

  /** Returns the path of its result, which identifies it. */
  Path place();

  /** Returns the arguments of {@code ./atelier} that complete it. */
  List<String> arguments();

  /** Returns the jobs that must be done before it begins. */
  List<Job> needs();

  /** Whether its result exists and is complete. */
  boolean isDone();

  /** Whether it ends with a checkpoint when its input ends; others lose nothing when killed. */
  boolean stopsWithInput();

  /**
   * Called when its process has succeeded.
   *
   * @param figures the last line of JSON that it printed, if there was one
   * @return why it is still not done; empty if it is
   */
  String end(Optional<String> figures);

  /** Returns the log of its process. */
  default Path log() {
    return place().resolveSibling(place().getFileName() + ".log");
  }
}
