package io.atelier.actors.web;

import io.atelier.actors.protocol.RunStatus;
import java.util.Map;

/** A run in progress, as its page sees it. Called by several threads at a time. */
public interface RunActions {

  /**
   * Performs an action, and waits at most some seconds for it.
   *
   * @param name of the action: {@code pause}, {@code resume}, {@code stop}, {@code checkpoint},
   *     {@code evaluate} or {@code amend}
   * @param values of {@code amend}: {@code key}, {@code value}, {@code why}
   * @return what is done, or why nothing is
   */
  RunStatus.Done act(String name, Map<String, String> values);

  /**
   * Returns the status of the run; waits at most some seconds for it.
   *
   * @throws io.atelier.actors.report.UnansweredException if there is no answer
   */
  RunStatus status();

  /** Returns its metrics, in Prometheus' text format. */
  String metrics();
}
