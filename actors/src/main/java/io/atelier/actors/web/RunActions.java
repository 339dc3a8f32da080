package io.atelier.actors.web;

import io.atelier.actors.protocol.RunStatus;
import java.util.Map;

/** A run that goes on, as its page knows it. Called by several threads at a time. */
public interface RunActions {

  /**
   * Has something done, and waits at most some seconds for it.
   *
   * @param name what: {@code pause}, {@code resume}, {@code stop}, {@code checkpoint}, {@code
   *     evaluate} or {@code amend}
   * @param values of {@code amend}: {@code key}, {@code value}, {@code why}
   * @return what is done, or why nothing is
   */
  RunStatus.Done act(String name, Map<String, String> values);

  /**
   * How the run is; waits at most some seconds for it.
   *
   * @throws io.atelier.actors.report.UnansweredException if nobody says it
   */
  RunStatus status();

  /** Its figures, in Prometheus' text format. */
  String metrics();
}
