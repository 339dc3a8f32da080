package io.atelier.actors.api;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.Terminated;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.atelier.actors.guardian.Run;
import io.atelier.actors.protocol.RunCommand;
import io.atelier.actors.report.RunFailedException;
import java.util.function.Supplier;

/** A run in another program's actor system: opens its files, and closes them when it ends. */
final class EmbeddedRun extends AbstractBehavior<RunCommand> {

  private final OpenRun open;
  private final ActorRef<RunCommand> run;

  private EmbeddedRun(ActorContext<RunCommand> context, OpenRun open) {
    super(context);
    this.open = open;
    this.run = context.spawn(Run.create(open.setup()), "run");
    context.watch(run);
  }

  /**
   * @param opener opens the files; called by the actor
   * @param observer receives the events of the run
   */
  static Behavior<RunCommand> create(Supplier<OpenRun> opener, RunObserver observer) {
    return Behaviors.setup(
        context -> {
          OpenRun open = opener.get();
          open.recorder().onStep(observer::onStep);
          open.recorder().onEvaluation(observer::onEvaluation);
          open.recorder()
              .end()
              .whenComplete(
                  (end, failure) -> {
                    if (failure == null) {
                      observer.onEnd(end);
                    } else {
                      observer.onFailed(failure);
                    }
                  });
          return new EmbeddedRun(context, open);
        });
  }

  @Override
  public Receive<RunCommand> createReceive() {
    return newReceiveBuilder()
        .onMessage(RunCommand.class, this::onCommand)
        .onSignal(Terminated.class, signal -> Behaviors.stopped())
        .onSignal(PostStop.class, signal -> onPostStop())
        .build();
  }

  private Behavior<RunCommand> onCommand(RunCommand command) {
    run.tell(command);
    return this;
  }

  /** The actors of the run have stopped by now. */
  private Behavior<RunCommand> onPostStop() {
    if (!open.recorder().end().isDone()) {
      open.recorder()
          .onFailed(new RunFailedException("the run was aborted, since its actor was stopped"));
    }
    open.close();
    return this;
  }
}
