package io.atelier.actors.ledger;

import io.atelier.actors.ledger.event.Effect;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.ledger.model.Weights;
import java.util.SortedMap;
import java.util.TreeMap;

/** Which versions of the weights somebody may still work with; the others are retired. */
final class NeededVersions {
  private final Books books;
  private final Schedule schedule;

  NeededVersions(Books books) {
    this.books = books;
    this.schedule = books.config.schedule();
  }

  /**
   * Content hashes of the versions that whoever goes on from here needs.
   *
   * @param trained steps that are trained
   */
  SortedMap<Long, String> of(Weights weights, int trained) {
    long oldest = oldest(weights, trained);
    SortedMap<Long, String> needed = new TreeMap<>(books.versions(weights).hashes());
    needed.keySet().removeIf(v -> v < oldest && !evaluates(weights, v));
    return needed;
  }

  /** Retires versions that nobody needs, nor works with still. */
  void retire(int trained) {
    for (Weights weights : Weights.values()) {
      long oldest = oldest(weights, trained);
      books
          .versions(weights)
          .retire(v -> v >= oldest || books.crew.uses(weights, v) || evaluates(weights, v))
          .forEach(v -> books.emit(new Effect.Retire(weights, v)));
    }
  }

  private boolean evaluates(Weights weights, long version) {
    return weights == Weights.POLICY && books.evaluations.needs(version);
  }

  /** The oldest version that a group may still be generated or scored with. */
  private long oldest(Weights weights, int trained) {
    long newest = books.versions(weights).newest();
    if (books.freeRunning() || weights == Weights.CRITIC && !books.config.critic()) {
      return newest;
    }
    return Math.min(
        newest,
        weights == Weights.POLICY
            ? schedule.policyVersion(trained)
            : schedule.criticVersion(trained));
  }
}
