package io.atelier.actors.conductor;

import akka.actor.typed.ActorRef;
import io.atelier.actors.ledger.Ledger;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.protocol.RunStatus;
import java.util.ArrayList;
import java.util.List;

/** Answers people who requested a checkpoint or an evaluation, once it is made. */
final class Requests {

  private record Waiting(int step, ActorRef<RunStatus.Done> replyTo) {}

  private final Ledger ledger;
  private final List<Waiting> checkpoints = new ArrayList<>();
  private final List<Waiting> evaluations = new ArrayList<>();

  Requests(Ledger ledger) {
    this.ledger = ledger;
  }

  /** Somebody wants a checkpoint, of which the ledger has not heard yet. */
  void checkpoint(ActorRef<RunStatus.Done> replyTo) {
    int step = ledger.boundary();
    if (step == 0) { // while paused it would never be written
      replyTo.tell(
          new RunStatus.Done(false, "nothing is trained yet, so no checkpoint is written"));
    } else {
      checkpoints.add(new Waiting(step, replyTo));
    }
  }

  /** Somebody wants an evaluation, of which the ledger has heard. */
  void evaluation(ActorRef<RunStatus.Done> replyTo) {
    int step = ledger.newest();
    if (ledger.isEvaluationOpen(step)) {
      evaluations.add(new Waiting(step, replyTo));
    } else {
      replyTo.tell(
          new RunStatus.Done(true, "the evaluation at step %d was made before".formatted(step)));
    }
  }

  /** Answers those who waited for what happened. */
  void answer(Event event) {
    checkpoints.removeIf(
        waiting -> {
          boolean written = ledger.checkpointed() >= waiting.step();
          if (written) {
            waiting
                .replyTo()
                .tell(
                    new RunStatus.Done(
                        true,
                        "the checkpoint after step %d is written"
                            .formatted(ledger.checkpointed())));
          }
          return written;
        });
    evaluations.removeIf(
        waiting -> {
          boolean open = ledger.isEvaluationOpen(waiting.step());
          if (!open) {
            boolean made = event instanceof Event.Evaluated done && done.step() == waiting.step();
            waiting.replyTo().tell(evaluated(waiting.step(), made));
          }
          return !open;
        });
  }

  private static RunStatus.Done evaluated(int step, boolean made) {
    return new RunStatus.Done(
        made,
        "the evaluation at step %d is %s"
            .formatted(step, made ? "made" : "skipped or given up, as the log of the run says"));
  }
}
