package io.atelier.actors.pool;

import akka.actor.typed.ActorRef;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.protocol.GradientPoolCommand;
import io.atelier.actors.protocol.GradientWorkerCommand;
import io.atelier.actors.protocol.PolicyLearnerCommand;
import io.atelier.learner.Gradient;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** An optimizer update at hand: who computes which micro-batch, and how much is summed. */
final class GradientUpdate {

  /** Who has a micro-batch: a gradient worker, or the learner. */
  record Holder(Optional<ActorRef<GradientWorkerCommand>> worker) {}

  static final Holder LEARNER = new Holder(Optional.empty());

  final GradientPoolCommand.Begin begin;
  final MicroBatchLeases<Holder> leases;
  final Map<Integer, Gradient> arrived = new HashMap<>();
  Optional<BlobRef> weights = Optional.empty();
  boolean learnerIdle = true;
  long longest = -1;
  int summed;
  int remote;

  GradientUpdate(GradientPoolCommand.Begin begin, long lastOrder) {
    this.begin = begin;
    this.leases = new MicroBatchLeases<>(begin.batches().size(), lastOrder);
  }

  /** Of the weights that workers are to compute with. */
  String hash() {
    return begin.source().orElseThrow().hash();
  }

  boolean isDone() {
    return summed == begin.batches().size();
  }

  /** Has a learner that does not compute add those whose turn it is. */
  void add() {
    while (learnerIdle && arrived.containsKey(summed)) {
      begin.learner().tell(new PolicyLearnerCommand.Add(arrived.remove(summed++)));
    }
  }
}
