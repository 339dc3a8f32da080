package io.atelier.actors.guardian;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.ChildFailed;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.Terminated;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.receptionist.Receptionist;
import io.atelier.actors.conductor.Gallery;
import io.atelier.actors.conductor.Scribe;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.port.Failures;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.RunCommand;
import io.atelier.actors.protocol.RunStatus;
import io.atelier.actors.report.RunFailedException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run: starts its actors, passes requests on to the conductor, and calls the listener. Stops when
 * the run is over.
 */
public final class Run extends AbstractBehavior<RunCommand> {

  private static final Logger LOG = LoggerFactory.getLogger(Run.class);

  /** For the pictures of the last step, once all else is done. */
  private static final Duration PICTURES_PATIENCE = Duration.ofSeconds(5);

  private final RunSetup setup;
  private final IntPredicate elsewhere;
  private final RunActors actors;
  private final Causes causes = new Causes();
  private boolean over;

  /** Whether the scribe was told that nothing comes any more. */
  private boolean closing;

  /** Whether all files are closed. */
  private boolean written;

  /** First cause, if the run failed. */
  private Optional<String> failure = Optional.empty();

  /** Whether this process is what failed, and not the run. */
  private boolean broken;

  /** Steps that this process has trained up to; 0 before the first. */
  private int trained;

  /** Whether the conductor has ended, by a failure or because all is done. */
  private boolean unconducted;

  /** What is left to do once all that the scribe was told is written. */
  private Runnable last = () -> {};

  private Run(ActorContext<RunCommand> context, RunSetup setup, IntPredicate elsewhere) {
    super(context);
    this.setup = setup;
    this.elsewhere = elsewhere;
    this.actors = new RunActors(context, setup);
    context.spawn(Pulse.create(setup.listener()), "pulse", DispatcherSelector.blocking());
    if (setup.transport().reachesOthers()) { // the actor system may be in some cluster
      context
          .getSystem()
          .receptionist()
          .tell(Receptionist.register(ConductorCommand.KEY, actors.conductor()));
    }
  }

  public static Behavior<RunCommand> create(RunSetup setup) {
    return create(setup, trained -> false);
  }

  /**
   * A run that another process may go on with.
   *
   * @param elsewhere whether one does if this process fails, having trained that many steps; 0 if
   *     none
   */
  public static Behavior<RunCommand> create(RunSetup setup, IntPredicate elsewhere) {
    return Behaviors.setup(context -> new Run(context, setup, elsewhere));
  }

  @Override
  public Receive<RunCommand> createReceive() {
    return newReceiveBuilder()
        .onMessage(RunCommand.Stop.class, m -> stop(new ConductorCommand.Stop(m.atOnce(), true)))
        .onMessageEquals(
            RunCommand.HandOver.INSTANCE, () -> stop(new ConductorCommand.Stop(false, false)))
        .onMessage(RunCommand.Page.class, m -> asked(new ConductorCommand.Page(m.url())))
        .onMessage(RunCommand.Ask.class, m -> asked(new ConductorCommand.Ask(m.replyTo())))
        .onMessage(
            RunCommand.Pause.class, m -> asked(new ConductorCommand.Pause(m.pause(), m.replyTo())))
        .onMessage(
            RunCommand.Amend.class,
            m -> asked(new ConductorCommand.Amend(m.key(), m.value(), m.why(), m.replyTo())))
        .onMessage(
            RunCommand.Checkpoint.class, m -> asked(new ConductorCommand.Checkpoint(m.replyTo())))
        .onMessage(
            RunCommand.Evaluate.class, m -> asked(new ConductorCommand.Evaluate(m.replyTo())))
        .onMessageEquals(RunCommand.Begun.INSTANCE, () -> told(setup.listener()::onBegun))
        .onMessage(RunCommand.StepDone.class, this::onStepDone)
        .onMessage(
            RunCommand.EvaluationDone.class,
            m -> told(() -> setup.listener().onEvaluation(m.report())))
        .onMessage(RunCommand.CheckpointDue.class, this::onCheckpointDue)
        .onMessage(
            RunCommand.ImagesRanked.class, m -> told(() -> setup.listener().onRanked(m.images())))
        .onMessage(
            RunCommand.Reported.class, m -> told(() -> setup.listener().onReport(m.message())))
        .onMessage(
            RunCommand.Computes.class,
            m -> told(() -> setup.listener().onNode(m.address(), m.computing())))
        .onMessage(RunCommand.Paused.class, this::onPaused)
        .onMessage(RunCommand.Amended.class, this::onAmended)
        .onMessage(RunCommand.WorkerFailed.class, this::onWorkerFailed)
        .onMessage(RunCommand.Finished.class, this::onFinished)
        .onMessage(RunCommand.Failed.class, m -> fail(m.firstCause()))
        .onMessageEquals(RunCommand.Unpictured.INSTANCE, this::closeScribe)
        .onSignal(ChildFailed.class, this::onChildFailed)
        .onSignal(Terminated.class, this::onTerminated)
        .build();
  }

  // ---------------------------------------------------------------- failures

  private Behavior<RunCommand> onChildFailed(ChildFailed signal) {
    RuntimeException cause = Failures.unwrap(signal.getCause());
    String what = Failures.describe(cause);
    if (isGallery(signal.getRef())) {
      LOG.warn("there are no more pictures of training images", cause);
      return over ? closeScribe() : this;
    }
    if (signal.getRef().equals(actors.scribe())) {
      return onUnwritten(new RunFailedException(what, cause));
    }
    if (signal.getRef().equals(actors.conductor())) {
      if (over) {
        LOG.error("the run is over, but other nodes may not know", cause);
      } else {
        causes.remember(cause);
        broken = true;
        fail(what);
      }
      return onUnconducted();
    }
    if (over) {
      return this;
    }
    causes.remember(cause);
    String name = signal.getRef().path().name();
    broken("the %s failed: %s".formatted(name, what));
    return this;
  }

  /** The journal is not whole: even a run that was about to finish has failed. */
  private Behavior<RunCommand> onUnwritten(RunFailedException unwritten) {
    if (failure.isPresent()) {
      LOG.error("the run failed, and its last lines could not be written", unwritten);
    } else {
      broken = true;
      failure = Optional.of(unwritten.getMessage());
      last = () -> setup.listener().onFailed(unwritten);
    }
    over = true;
    return onWritten();
  }

  private Behavior<RunCommand> onTerminated(Terminated signal) {
    if (isGallery(signal.getRef())) {
      return over ? closeScribe() : this;
    }
    if (signal.getRef().equals(actors.conductor())) {
      return onUnconducted();
    }
    return signal.getRef().equals(actors.scribe()) ? onWritten() : this;
  }

  private boolean isGallery(ActorRef<?> ref) {
    return actors.gallery().filter(ref::equals).isPresent();
  }

  /** Nobody writes any more: the shell closes its files, and then the nodes may end. */
  private Behavior<RunCommand> onWritten() {
    lastCall(last);
    written = true;
    boolean left = failure.isPresent() && broken && elsewhere.test(trained);
    actors.conductor().tell(new ConductorCommand.Closed(failure, left));
    return unconducted ? Behaviors.stopped() : this;
  }

  /** The conductor stops last, unless it failed. */
  private Behavior<RunCommand> onUnconducted() {
    unconducted = true;
    return written ? Behaviors.stopped() : this;
  }

  private Behavior<RunCommand> onWorkerFailed(RunCommand.WorkerFailed failed) {
    causes.remember(failed.error());
    return this;
  }

  // ---------------------------------------------------------------- the shell

  private Behavior<RunCommand> stop(ConductorCommand.Stop stop) {
    actors.conductor().tell(stop);
    return told(setup.listener()::onStopping);
  }

  /** The conductor answers, unless the run is over. */
  private Behavior<RunCommand> asked(ConductorCommand question) {
    actors.conductor().tell(question);
    return this;
  }

  private Behavior<RunCommand> onStepDone(RunCommand.StepDone done) {
    trained = done.report().step() + 1;
    return told(() -> setup.listener().onStep(done.report()));
  }

  private Behavior<RunCommand> onCheckpointDue(RunCommand.CheckpointDue due) {
    return told(
        () -> {
          setup.listener().onCheckpointDue(due.state());
          happened(new Event.CheckpointWritten(due.state().step()));
        });
  }

  private Behavior<RunCommand> onPaused(RunCommand.Paused paused) {
    return toldOf(
        paused.replyTo(),
        () -> {
          setup.listener().onPause(paused.paused());
          String what =
              "the run "
                  + (paused.paused()
                      ? "paused: open work is finished, no more is given"
                      : "goes on");
          setup.listener().onReport(what);
          paused.replyTo().tell(new RunStatus.Done(true, what));
        });
  }

  private Behavior<RunCommand> onAmended(RunCommand.Amended amended) {
    return toldOf(
        amended.replyTo(),
        () -> {
          setup.listener().onAmended(amended.amendment());
          String what = amended.amendment().text();
          setup.listener().onReport(what);
          amended.replyTo().tell(new RunStatus.Done(true, what));
        });
  }

  private Behavior<RunCommand> onFinished(RunCommand.Finished finished) {
    if (over) {
      return this;
    }
    return end(() -> setup.listener().onFinished(finished.end()));
  }

  /** Ends once all is written. */
  private Behavior<RunCommand> end(Runnable call) {
    over = true;
    last = call;
    if (actors.gallery().isEmpty()) {
      return closeScribe();
    }
    actors.gallery().get().tell(Gallery.Close.INSTANCE);
    getContext()
        .scheduleOnce(PICTURES_PATIENCE, getContext().getSelf(), RunCommand.Unpictured.INSTANCE);
    return this;
  }

  private Behavior<RunCommand> closeScribe() {
    if (!closing) {
      closing = true;
      actors.scribe().tell(Scribe.Close.INSTANCE);
    }
    return this;
  }

  private Behavior<RunCommand> fail(String firstCause) {
    if (over) {
      return this;
    }
    failure = Optional.of(firstCause);
    Throwable thrown = causes.failure(firstCause);
    return end(() -> setup.listener().onFailed(thrown));
  }

  /** Calls the shell; if it throws, the run fails with that. */
  private Behavior<RunCommand> told(Runnable call) {
    if (over) {
      return this;
    }
    try {
      call.run();
    } catch (RuntimeException e) {
      causes.remember(e);
      broken(Failures.describe(e));
    }
    return this;
  }

  /** The same for who waits for an answer, which says so if the run is over. */
  private Behavior<RunCommand> toldOf(ActorRef<RunStatus.Done> replyTo, Runnable call) {
    if (over) {
      replyTo.tell(new RunStatus.Done(false, RunCommand.OVER));
    }
    return told(call);
  }

  private static void lastCall(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      LOG.error("the run is over, but its end could not be recorded", e);
    }
  }

  private void broken(String cause) {
    broken = true;
    happened(new Event.Broken(cause));
  }

  private void happened(Event event) {
    actors.conductor().tell(new ConductorCommand.Happened(event));
  }
}
