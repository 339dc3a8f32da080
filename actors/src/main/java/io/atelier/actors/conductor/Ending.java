package io.atelier.actors.conductor;

import akka.actor.typed.ActorRef;
import io.atelier.actors.ledger.event.Effect;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.HostCommand;
import io.atelier.actors.protocol.RunCommand;
import io.atelier.actors.report.RunEnd;
import java.util.Optional;

/**
 * Ends a run: carries out its last effect once the journal is synced to disk, and tells the other
 * nodes once all files are closed. Those leave the cluster then, and if all others leave while one
 * is unreachable, the leading node is downed too: it must have nothing left to write.
 */
final class Ending {
  private final ConductorSetup tools;
  private final Roster roster;
  private final ActorRef<ConductorCommand> conductor;

  /** Whether the nodes end when the run is stopped. */
  private boolean everywhere;

  /** The last effect, which waits until the journal is synced. */
  private Optional<Effect> last = Optional.empty();

  Ending(ConductorSetup tools, Roster roster, ActorRef<ConductorCommand> conductor) {
    this.tools = tools;
    this.roster = roster;
    this.conductor = conductor;
  }

  /** The run is to stop, and the nodes are to end with it, or go on under another conductor. */
  void stop(boolean nodesToo) {
    everywhere |= nodesToo;
  }

  /** Whether nothing follows any more. */
  boolean isOver() {
    return last.isPresent();
  }

  void fail(Effect.Fail fail) {
    endWith(fail);
  }

  void finish(Effect.Finish finish) {
    endWith(finish);
  }

  private void endWith(Effect effect) {
    last = Optional.of(effect);
    tools.scribe().tell(new Scribe.Sync(true, conductor));
  }

  /** The journal is synced up to its end. */
  void journaled() {
    Effect effect = last.orElseThrow();
    if (effect instanceof Effect.Fail fail) {
      tools.run().tell(new RunCommand.Failed(fail.firstCause()));
    } else if (effect instanceof Effect.Finish finish) {
      tools.run().tell(new RunCommand.Finished(end(finish)));
    }
  }

  /**
   * All files are closed. The leading node itself hears of that from its run.
   *
   * @param failure first cause, if the run failed
   */
  void closed(Optional<String> failure) {
    if (failure.isPresent() || !goesOnElsewhere()) {
      HostCommand.RunOver over = new HostCommand.RunOver(tools.epoch(), failure);
      roster.hosts(node -> !node.equals(tools.node())).forEach(host -> host.tell(over));
    }
  }

  private boolean goesOnElsewhere() {
    return !everywhere && last.filter(e -> e instanceof Effect.Finish f && f.stopped()).isPresent();
  }

  private static RunEnd end(Effect.Finish finish) {
    return new RunEnd(
        finish.steps(),
        finish.stopped(),
        finish.policyHash(),
        finish.criticHash(),
        finish.counts());
  }
}
