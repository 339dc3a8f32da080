package io.atelier.actors.experiment;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Something that a process of {@code ./atelier} makes, once however many experiments need it. */
interface Job {

  /** As it is called in messages. */
  String name();

  /** What it makes; by this it is told from others. */
  Path place();

  /** Arguments of {@code ./atelier} that bring it to its end. */
  List<String> arguments();

  /** What has to be done before it begins. */
  List<Job> needs();

  /** Whether what it makes is there, and whole. */
  boolean isDone();

  /** Whether it ends with a checkpoint when its input ends; others lose nothing when killed. */
  boolean stopsWithInput();

  /**
   * Told that its process ended well.
   *
   * @param figures the last line of JSON that it printed, if there was one
   * @return why it is not done all the same; empty if it is
   */
  String end(Optional<String> figures);

  /** What its process says. */
  default Path log() {
    return place().resolveSibling(place().getFileName() + ".log");
  }
}
