package io.atelier.actors.pool;

import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.protocol.PolicyLearnerCommand;
import io.atelier.actors.protocol.PoolCommand;
import io.atelier.learner.Gradient;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** An optimizer update at hand: what the learner computes, what has arrived, how much is summed. */
final class GradientUpdate {
  final PoolCommand.Begin begin;

  /** The weights that workers are to compute with, if the policy has moved within the step. */
  Optional<BlobRef> weights = Optional.empty();

  /** Micro-batches that gradient workers computed. */
  int remote;

  private final Map<Integer, Gradient> arrived = new HashMap<>();
  private int summed;

  /**
   * Whether the learner computes nothing; else the micro-batch that it computes, and since when.
   */
  private boolean learnerIdle = true;

  private int learnerAt;
  private long learnerSince;
  private long longest = -1;

  GradientUpdate(PoolCommand.Begin begin) {
    this.begin = begin;
  }

  /** Of the weights that workers are to compute with. */
  String hash() {
    return begin.source().orElseThrow().hash();
  }

  /** How many micro-batches are summed. */
  int summed() {
    return summed;
  }

  boolean isDone() {
    return summed == begin.batches().size();
  }

  boolean learnerIdle() {
    return learnerIdle;
  }

  /** The longest that the learner took for a micro-batch, in nanoseconds; negative if unknown. */
  long longest() {
    return longest;
  }

  /** Has the learner compute a micro-batch. */
  void compute(int index, long now) {
    learnerIdle = false;
    learnerAt = index;
    learnerSince = now;
    begin.learner().tell(new PolicyLearnerCommand.Compute(index, index == summed));
  }

  /**
   * The learner has computed its micro-batch.
   *
   * @param gradient empty if it is summed already
   */
  void computed(Optional<Gradient> gradient, long now) {
    learnerIdle = true;
    longest = Math.max(longest, now - learnerSince);
    gradient.ifPresentOrElse(g -> arrived.put(learnerAt, g), () -> summed++);
  }

  /** The gradient of a micro-batch is here; it is summed in its turn. */
  void arrived(int index, Gradient gradient) {
    remote++;
    arrived.put(index, gradient);
  }

  /** Has a learner that does not compute add those whose turn it is. */
  void add() {
    while (learnerIdle && arrived.containsKey(summed)) {
      begin.learner().tell(new PolicyLearnerCommand.Add(arrived.remove(summed++)));
    }
  }
}
