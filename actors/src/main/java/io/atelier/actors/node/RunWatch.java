package io.atelier.actors.node;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import io.atelier.actors.protocol.RunCommand;
import io.atelier.actors.protocol.RunStatus;
import java.time.Duration;

/**
 * Watches a run from outside: the ledger's own watchdog stands still with the conductor, with what
 * writes the files of the run on a storage that hangs, and with the pools.
 */
final class RunWatch {

  /** Questions without an answer after which the run hangs. */
  private static final int QUESTIONS = 30;

  sealed interface Command {}

  private enum Ask implements Command {
    INSTANCE
  }

  private record Answered(RunStatus status) implements Command {}

  private RunWatch() {}

  /**
   * Watches a run until it is stopped.
   *
   * @param patience within which a run answers
   * @param onHung called once if it does not
   */
  static Behavior<Command> create(ActorRef<RunCommand> run, Duration patience, Runnable onHung) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  timers.startTimerWithFixedDelay(Ask.INSTANCE, patience.dividedBy(QUESTIONS));
                  ActorRef<RunStatus> answers =
                      context.messageAdapter(RunStatus.class, Answered::new);
                  return watching(run, answers, onHung, 0);
                }));
  }

  /** Counts questions, not seconds: time in which this process stood still does not count. */
  private static Behavior<Command> watching(
      ActorRef<RunCommand> run, ActorRef<RunStatus> answers, Runnable onHung, int unanswered) {
    return Behaviors.receive(Command.class)
        .onMessage(Answered.class, answer -> watching(run, answers, onHung, 0))
        .onMessageEquals(
            Ask.INSTANCE,
            () -> {
              if (unanswered == QUESTIONS) {
                onHung.run();
                return Behaviors.stopped();
              }
              run.tell(new RunCommand.Ask(answers));
              return watching(run, answers, onHung, unanswered + 1);
            })
        .build();
  }
}
