package io.atelier.actors.rewards;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * An LRU cache of answers by what was asked, for all workers of a process. Answers are shared: do
 * not modify. Thread-safe.
 */
final class AnswerCache<T> {

  private final Map<String, T> answers;

  /**
   * @param most limit of the answers that are kept
   */
  AnswerCache(int most) {
    this.answers =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, T> eldest) {
            return size() > most;
          }
        };
  }

  synchronized Optional<T> get(String key) {
    return Optional.ofNullable(answers.get(key));
  }

  synchronized void put(String key, T answer) {
    answers.put(key, answer);
  }
}
