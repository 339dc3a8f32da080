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
import io.atelier.actors.conductor.Conductor;
import io.atelier.actors.conductor.ConductorSetup;
import io.atelier.actors.conductor.Gallery;
import io.atelier.actors.conductor.Scribe;
import io.atelier.actors.learning.CriticLearner;
import io.atelier.actors.learning.PolicyLearner;
import io.atelier.actors.learning.RewardStage;
import io.atelier.actors.ledger.Event;
import io.atelier.actors.ledger.Ledger;
import io.atelier.actors.ledger.Schedule;
import io.atelier.actors.ledger.Weights;
import io.atelier.actors.pool.EvaluatorPool;
import io.atelier.actors.pool.GradientPool;
import io.atelier.actors.port.Evaluation;
import io.atelier.actors.port.Failures;
import io.atelier.actors.port.Handover;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.CriticLearnerCommand;
import io.atelier.actors.protocol.EvaluatorPoolCommand;
import io.atelier.actors.protocol.GradientPoolCommand;
import io.atelier.actors.protocol.HostCommand;
import io.atelier.actors.protocol.PolicyLearnerCommand;
import io.atelier.actors.protocol.RunCommand;
import io.atelier.actors.protocol.RunStatus;
import io.atelier.actors.report.RunFailedException;
import io.atelier.actors.report.StepState;
import io.atelier.actors.transport.BlobStore;
import io.atelier.actors.transport.WeightStream;
import io.atelier.actors.worker.Evaluator;
import io.atelier.actors.worker.Host;
import io.atelier.models.state.NamedTensors;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run: starts the conductor, the learners and the evaluation, and the workers if it is to have
 * its own, and calls the shell. Stops when the run is over.
 */
public final class Run extends AbstractBehavior<RunCommand> {

  private static final Logger LOG = LoggerFactory.getLogger(Run.class);
  private static final DispatcherSelector COMPUTE =
      DispatcherSelector.fromConfig("atelier.compute-dispatcher");

  private static final DispatcherSelector LIGHT = DispatcherSelector.defaultDispatcher();

  /** In which nodes join: an evaluation is not urgent, and waits for one that is there for it. */
  private static final Duration EVALUATOR_PATIENCE = Duration.ofSeconds(10);

  /**
   * Versions for the newest, the one being made, the evaluations that run and wait, and workers
   * that are slow with an older one.
   */
  private static final int SPARE_VERSIONS = 32;

  private static final int REMEMBERED = 100;

  /** Pause between signs of life of the workers on this node. */
  private static final Duration BEAT = Duration.ofMillis(500);

  /** For the pictures of the last step, once all else is done. */
  private static final Duration PICTURES_PATIENCE = Duration.ofSeconds(5);

  /** Pause between looks at the clock. */
  private static final Duration TICK = Duration.ofMillis(50);

  private final RunSetup setup;
  private final WeightStream<NamedTensors> policy;
  private final WeightStream<NamedTensors> critic;
  private final BlobStore blobs;
  private final ActorRef<Scribe.Command> scribe;
  private final Optional<ActorRef<Gallery.Command>> gallery;
  private final ActorRef<ConductorCommand> conductor;
  private final Deque<Throwable> errors = new ArrayDeque<>();
  private boolean over;

  /** Whether the scribe was told that nothing comes any more. */
  private boolean closing;

  private boolean failed;

  /** What is left to do once all that the scribe was told is written. */
  private Runnable last = () -> {};

  private Run(ActorContext<RunCommand> context, RunSetup setup) {
    super(context);
    this.setup = setup;
    setup.transport().token(setup.token());
    Schedule schedule = setup.ledger().schedule();
    int versions = schedule.policyLag() + schedule.criticLag() + SPARE_VERSIONS;
    this.policy = setup.transport().publish(Weights.POLICY, setup.epoch(), versions);
    this.critic = setup.transport().publish(Weights.CRITIC, setup.epoch(), versions);
    this.blobs = setup.transport().blobs();
    this.scribe =
        spawn(
            Scribe.create(setup.journal(), setup.trace()), "scribe", DispatcherSelector.blocking());
    this.gallery =
        setup
            .pictures()
            .map(
                pictures ->
                    spawn(
                        Gallery.create(blobs, pictures.sink()),
                        "gallery",
                        DispatcherSelector.blocking()));
    Optional<StepState> resume = setup.resume().take();
    this.conductor = spawn(conductor(resume), "conductor", LIGHT);
    startLearners(resume);
    republish(resume);
    startPaused();
    startHost();
    context.spawn(Pulse.create(setup.listener()), "pulse", DispatcherSelector.blocking());
    if (setup.transport().reachesOthers()) { // the actor system may be in some cluster
      context
          .getSystem()
          .receptionist()
          .tell(Receptionist.register(ConductorCommand.KEY, conductor));
    }
  }

  public static Behavior<RunCommand> create(RunSetup setup) {
    return Behaviors.setup(context -> new Run(context, setup));
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

  // ---------------------------------------------------------------- start

  private Behavior<ConductorCommand> conductor(Optional<StepState> resume) {
    Ledger ledger =
        resume
            .map(state -> Ledger.resume(setup.ledger(), setup.epoch(), state.ledger()))
            .orElseGet(() -> Ledger.create(setup.ledger(), setup.epoch()));
    ledger.evaluated(setup.evaluated());
    ledger.amended(setup.amendments());
    ledger.replaceFlat(
        RewardStage.flatness(setup.compute().graph(), setup.prompts()),
        setup.compute().flatReplacements());
    return Conductor.create(
        ledger,
        new ConductorSetup(
            getContext().getSelf(),
            setup.epoch(),
            setup.identity(),
            setup.token(),
            setup.transport().node(),
            policy,
            critic,
            blobs,
            setup.prompts(),
            setup.amendable(),
            setup.ledger()::evaluatesAfter,
            scribe,
            gallery,
            setup.clock(),
            TICK));
  }

  private void startLearners(Optional<StepState> resume) {
    int step = resume.map(StepState::step).orElse(0);
    ActorRef<GradientPoolCommand> gradients =
        spawn(GradientPool.create(blobs, setup.clock()), "gradient-pool", COMPUTE);
    ActorRef<PolicyLearnerCommand> policyLearner =
        spawn(
            PolicyLearner.create(
                new PolicyLearner.Tools(
                    conductor,
                    gradients,
                    policy,
                    blobs,
                    setup.compute().policy(),
                    setup.compute().graph(),
                    setup.compute().sum(),
                    step,
                    Handover.of(resume.map(StepState::policy)),
                    setup.clock())),
            "policy-learner",
            COMPUTE);
    Optional<ActorRef<CriticLearnerCommand>> criticLearner =
        setup
            .compute()
            .critic()
            .map(
                maker ->
                    spawn(
                        CriticLearner.create(
                            new CriticLearner.Tools(
                                conductor,
                                critic,
                                blobs,
                                maker,
                                step,
                                Handover.of(resume.map(StepState::critic)),
                                setup.clock())),
                        "critic-learner",
                        COMPUTE));
    Optional<ActorRef<EvaluatorPoolCommand>> evaluators =
        setup.compute().evaluation().map(maker -> spawn(evaluators(maker), "evaluator", LIGHT));
    conductor.tell(
        new ConductorCommand.Staffed(policyLearner, gradients, criticLearner, evaluators));
  }

  private Behavior<EvaluatorPoolCommand> evaluators(Supplier<Evaluation> maker) {
    return EvaluatorPool.create(
        new EvaluatorPool.Tools(
            conductor,
            policy,
            blobs,
            Evaluator.create(new Evaluator.Tools(blobs, maker, setup.clock())),
            setup.workers().isPresent() ? Duration.ZERO : EVALUATOR_PATIENCE));
  }

  /**
   * Publishes what no learner does: older versions of a checkpoint, and the critic that is none.
   */
  private void republish(Optional<StepState> resume) {
    resume.ifPresent(
        state -> republish(Weights.POLICY, policy, state.policyVersions(), state.step()));
    if (setup.compute().critic().isPresent()) {
      resume.ifPresent(
          state -> republish(Weights.CRITIC, critic, state.criticVersions(), state.step()));
    } else {
      NamedTensors none = new NamedTensors(Map.of());
      critic.publish(0, none);
      happened(new Event.Published(Weights.CRITIC, 0, none.contentHash()));
    }
  }

  /**
   * @param learners the version that the learner publishes itself
   */
  private void republish(
      Weights weights,
      WeightStream<NamedTensors> stream,
      SortedMap<Long, NamedTensors> versions,
      long learners) {
    versions.forEach(
        (version, tensors) -> {
          if (version != learners) {
            stream.publish(version, tensors);
            happened(new Event.Published(weights, version, tensors.contentHash()));
          }
        });
  }

  private void startPaused() {
    if (setup.paused()) {
      happened(new Event.PauseRequested(true));
      setup.listener().onReport("the run is paused, as it was before; ./atelier resume ends that");
    }
  }

  /** Workers on this node, if the run is to have its own; others come by themselves. */
  private void startHost() {
    setup
        .workers()
        .ifPresent(
            workers ->
                spawn(Host.create(host(workers)), "host", LIGHT)
                    .tell(new HostCommand.Found(Set.of(conductor))));
  }

  private Host.Tools host(RunSetup.Workers workers) {
    ActorRef<RunCommand> self = getContext().getSelf();
    return new Host.Tools(
        workers.rollout(),
        workers.reward(),
        workers.restarts(),
        new Host.GradientWorkers(workers.gradient(), setup.compute().gradients(), true),
        Optional.empty(),
        "",
        setup.identity(),
        workers.computing(),
        BEAT,
        setup.transport(),
        setup.compute().generator(),
        setup.compute().scorer(),
        setup.pictures().map(RunSetup.Pictures::pixels).orElse(0),
        setup.clock(),
        error -> self.tell(new RunCommand.WorkerFailed(error)));
  }

  private <T> ActorRef<T> spawn(Behavior<T> behavior, String name, DispatcherSelector dispatcher) {
    ActorRef<T> ref = getContext().spawn(behavior, name, dispatcher);
    getContext().watch(ref);
    return ref;
  }

  // ---------------------------------------------------------------- failures

  private Behavior<RunCommand> onChildFailed(ChildFailed signal) {
    RuntimeException cause = Failures.unwrap(signal.getCause());
    String what = Failures.describe(cause);
    if (isGallery(signal.getRef())) {
      LOG.warn("there are no more pictures of training images", cause);
      return over ? closeScribe() : this;
    }
    if (signal.getRef().equals(scribe)) {
      return onUnwritten(new RunFailedException(what, cause));
    }
    if (over) {
      return this;
    }
    remember(cause);
    String name = signal.getRef().path().name();
    if (signal.getRef().equals(conductor)) {
      return fail(what);
    }
    happened(new Event.Broken("the %s failed: %s".formatted(name, what)));
    return this;
  }

  /** The journal is not whole: even a run that was about to finish has failed. */
  private Behavior<RunCommand> onUnwritten(RunFailedException failure) {
    if (failed) {
      LOG.error("the run failed, and its last lines could not be written", failure);
    } else {
      last = () -> setup.listener().onFailed(failure);
    }
    over = true;
    return onWritten();
  }

  private Behavior<RunCommand> onTerminated(Terminated signal) {
    if (isGallery(signal.getRef())) {
      return over ? closeScribe() : this;
    }
    return signal.getRef().equals(scribe) ? onWritten() : this;
  }

  private boolean isGallery(ActorRef<?> ref) {
    return gallery.filter(ref::equals).isPresent();
  }

  /** Nobody writes any more: the shell may close its files. */
  private Behavior<RunCommand> onWritten() {
    lastCall(last);
    return Behaviors.stopped();
  }

  private Behavior<RunCommand> onWorkerFailed(RunCommand.WorkerFailed failed) {
    remember(failed.error());
    return this;
  }

  /** Keeps an error, so that the run can name it as its cause if it cannot be mended. */
  private void remember(Throwable error) {
    if (errors.size() == REMEMBERED) {
      errors.removeFirst();
    }
    errors.addLast(error);
  }

  // ---------------------------------------------------------------- the shell

  private Behavior<RunCommand> stop(ConductorCommand.Stop stop) {
    conductor.tell(stop);
    return told(setup.listener()::onStopping);
  }

  /** The conductor answers, unless the run is over. */
  private Behavior<RunCommand> asked(ConductorCommand question) {
    conductor.tell(question);
    return this;
  }

  private Behavior<RunCommand> onStepDone(RunCommand.StepDone done) {
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
    if (gallery.isEmpty()) {
      return closeScribe();
    }
    gallery.get().tell(Gallery.Close.INSTANCE);
    getContext()
        .scheduleOnce(PICTURES_PATIENCE, getContext().getSelf(), RunCommand.Unpictured.INSTANCE);
    return this;
  }

  private Behavior<RunCommand> closeScribe() {
    if (!closing) {
      closing = true;
      scribe.tell(Scribe.Close.INSTANCE);
    }
    return this;
  }

  private Behavior<RunCommand> fail(String firstCause) {
    if (over) {
      return this;
    }
    failed = true;
    Throwable failure =
        errors.stream()
            .filter(e -> firstCause.contains(Failures.describe(e)))
            .findFirst()
            .map(e -> new RunFailedException(firstCause, e))
            .orElseGet(() -> new RunFailedException(firstCause));
    return end(() -> setup.listener().onFailed(failure));
  }

  /** Calls the shell; if it throws, the run fails with that. */
  private Behavior<RunCommand> told(Runnable call) {
    if (over) {
      return this;
    }
    try {
      call.run();
    } catch (RuntimeException e) {
      remember(e);
      happened(new Event.Broken(Failures.describe(e)));
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

  private void happened(Event event) {
    conductor.tell(new ConductorCommand.Happened(event));
  }
}
