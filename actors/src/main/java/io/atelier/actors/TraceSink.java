package io.atelier.actors;

/** Takes the traces of a run. Called from one actor at a time; must not block for long. */
@FunctionalInterface
public interface TraceSink {

  void group(GroupTrace trace);

  /** A sink that keeps nothing. */
  static TraceSink none() {
    return trace -> {};
  }
}
