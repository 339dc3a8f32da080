package io.atelier.actors.conductor;

import io.atelier.actors.ledger.model.Span;
import io.atelier.actors.ledger.model.TrainingGroup;
import io.atelier.actors.port.Clock;
import io.atelier.actors.report.GroupTrace;
import io.atelier.rollout.GroupId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * When groups were admitted and trained, which only the conductor knows. Together with the spans
 * that workers report this gives the trace of a group. Times are {@link Clock#nanos()}.
 */
final class GroupTimes {
  private final Map<GroupId, Long> admitted = new HashMap<>();
  private long trainStart;

  void admitted(GroupId id, long now) {
    admitted.put(id, now);
  }

  /** The next step begins. */
  void training(long now) {
    trainStart = now;
  }

  /** The way of a group whose step is done; nothing more is known of it after that. */
  GroupTrace trained(TrainingGroup group, int step, long now) {
    Span generated = group.generation().span();
    Span scored = group.scoring().span();
    return new GroupTrace(
        group.id(),
        group.attempt(),
        step,
        group.generation().worker().toString(),
        group.scoring().worker().toString(),
        // one that was open in a checkpoint was admitted before this conductor
        Optional.ofNullable(admitted.remove(group.id())).orElse(generated.start()),
        generated.start(),
        generated.end(),
        group.scoring().transfer().start(),
        group.scoring().transfer().end(),
        scored.start(),
        group.scoring().encoded(),
        scored.end(),
        trainStart,
        now);
  }
}
