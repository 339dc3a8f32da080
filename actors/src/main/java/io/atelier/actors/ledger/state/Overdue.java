package io.atelier.actors.ledger.state;

import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.ledger.model.Generation;
import io.atelier.actors.ledger.state.Group.Stage;
import java.util.Optional;

/**
 * A lease that expired. Its result is as good as any other while the group still waits for one: the
 * version is proven by its hash.
 *
 * @param images what was to be scored; empty for a lease to generate
 */
public record Overdue(Group group, int attempt, Optional<BlobRef> images) {

  public static Overdue of(Group group) {
    boolean scores = group.stage() == Stage.SCORING;
    return new Overdue(
        group,
        group.attempt,
        scores ? group.generation().map(Generation::images) : Optional.empty());
  }

  /** Whether nobody else was faster. */
  public boolean wanted() {
    if (group.attempt != attempt) {
      return false;
    }
    return images.isEmpty()
        ? group.stage() == Stage.ADMITTED || group.stage() == Stage.GENERATING
        : (group.stage() == Stage.GENERATED || group.stage() == Stage.SCORING)
            && group.generation().map(Generation::images).equals(images);
  }
}
