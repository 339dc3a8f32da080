package io.atelier.actors.web;

import io.atelier.actors.RunStatus;
import java.util.Map;
import java.util.Optional;

/**
 * What a run of this process can be asked for and told by way of its page. Called by several
 * threads at a time.
 */
@FunctionalInterface
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

  /** Its figures, in Prometheus' text format; empty if they are to be had elsewhere. */
  default Optional<String> metrics() {
    return Optional.empty();
  }
}
