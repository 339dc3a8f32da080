package io.atelier.actors.conductor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.journal.LedgerEntry;
import io.atelier.actors.ledger.journal.LedgerJournal;
import io.atelier.actors.ledger.model.Span;
import io.atelier.actors.port.TraceSink;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.report.TrainedGroup;

/**
 * Writes the journal, groups and traces of a run in order, on a blocking thread, so that a slow
 * disk does not block the conductor. Its queue is bounded: no step starts before the lines of the
 * step two before it are written. A write that fails ends the actor, and with it the run.
 */
public final class Scribe {

  /** What the scribe is told. */
  public sealed interface Command {}

  /** Append to the journal; the end of a step is answered by {@link Event.Journaled}. */
  record Append(LedgerEntry entry, ActorRef<ConductorCommand> conductor) implements Command {}

  /**
   * Sync everything written so far; answered by {@link ConductorCommand.Synced}.
   *
   * @param end whether nothing comes after it
   */
  record Sync(boolean end, ActorRef<ConductorCommand> conductor) implements Command {}

  /** A group has come to the end of its way. */
  record Trained(TrainedGroup group) implements Command {}

  /** A worker stood still to take new weights over. */
  record Loaded(String worker, Span span) implements Command {}

  /** Make all that was told before lasting, and end. */
  public enum Close implements Command {
    INSTANCE
  }

  private Scribe() {}

  /** To run on a dispatcher for threads that block. */
  public static Behavior<Command> create(LedgerJournal journal, TraceSink trace) {
    return Behaviors.receive(Command.class)
        .onMessage(
            Append.class,
            append -> {
              journal.append(append.entry());
              if (append.entry() instanceof LedgerEntry.Step step) {
                append
                    .conductor()
                    .tell(new ConductorCommand.Happened(new Event.Journaled(step.step() + 1)));
              }
              return Behaviors.same();
            })
        .onMessage(
            Sync.class,
            sync -> {
              sync.conductor().tell(new ConductorCommand.Synced(sync.end(), journal.force()));
              return Behaviors.same();
            })
        .onMessage(
            Trained.class,
            message -> {
              trace.group(message.group());
              return Behaviors.same();
            })
        .onMessage(
            Loaded.class,
            loaded -> {
              trace.loaded(loaded.worker(), loaded.span());
              return Behaviors.same();
            })
        .onMessageEquals(
            Close.INSTANCE,
            () -> {
              journal.force();
              return Behaviors.stopped();
            })
        .build();
  }
}
