package io.atelier.actors.guardian;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.ActorContext;
import io.atelier.actors.conductor.Conductor;
import io.atelier.actors.conductor.ConductorSetup;
import io.atelier.actors.conductor.Gallery;
import io.atelier.actors.conductor.Scribe;
import io.atelier.actors.learning.CriticLearner;
import io.atelier.actors.learning.PolicyLearner;
import io.atelier.actors.learning.PolicyLearnerSetup;
import io.atelier.actors.learning.RewardStage;
import io.atelier.actors.ledger.Ledger;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.ledger.model.Weights;
import io.atelier.actors.pool.EvaluatorPool;
import io.atelier.actors.pool.GradientPool;
import io.atelier.actors.port.Evaluation;
import io.atelier.actors.port.Handover;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.CriticLearnerCommand;
import io.atelier.actors.protocol.HostCommand;
import io.atelier.actors.protocol.PolicyLearnerCommand;
import io.atelier.actors.protocol.PoolCommand;
import io.atelier.actors.protocol.RunCommand;
import io.atelier.actors.report.StepState;
import io.atelier.actors.transport.BlobStore;
import io.atelier.actors.transport.WeightStream;
import io.atelier.actors.worker.Evaluator;
import io.atelier.actors.worker.Host;
import io.atelier.actors.worker.HostSetup;
import io.atelier.models.state.NamedTensors;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Supplier;

/** Starts the actors of a run, each of which the {@link Run} watches. */
final class RunActors {

  private static final DispatcherSelector COMPUTE =
      DispatcherSelector.fromConfig("atelier.compute-dispatcher");

  private static final DispatcherSelector LIGHT = DispatcherSelector.defaultDispatcher();

  /** In which nodes join: an evaluation is not urgent, and waits for one that is there for it. */
  private static final Duration EVALUATOR_PATIENCE = Duration.ofSeconds(10);

  /**
   * Versions beyond the lag: the newest, the one in the making, those that evaluations use, and
   * those of slow workers.
   */
  private static final int SPARE_VERSIONS = 32;

  /** Gradients that wait for their turn in a sum may take this part of the heap: a quarter. */
  private static final int GRADIENTS_OF_HEAP = 4;

  /** Pause between signs of life of the workers on this node. */
  private static final Duration BEAT = Duration.ofMillis(500);

  /** Pause between looks at the clock. */
  private static final Duration TICK = Duration.ofMillis(50);

  private final ActorContext<RunCommand> context;
  private final RunSetup setup;
  private final WeightStream<NamedTensors> policy;
  private final WeightStream<NamedTensors> critic;
  private final BlobStore blobs;
  private final ActorRef<Scribe.Command> scribe;
  private final Optional<ActorRef<Gallery.Command>> gallery;
  private final ActorRef<ConductorCommand> conductor;

  RunActors(ActorContext<RunCommand> context, RunSetup setup) {
    this.context = context;
    this.setup = setup;
    setup.transport().key(setup.key());
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
  }

  ActorRef<Scribe.Command> scribe() {
    return scribe;
  }

  Optional<ActorRef<Gallery.Command>> gallery() {
    return gallery;
  }

  ActorRef<ConductorCommand> conductor() {
    return conductor;
  }

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
            context.getSelf(),
            setup.epoch(),
            setup.identity(),
            setup.key(),
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
    ActorRef<PoolCommand> gradients =
        spawn(
            GradientPool.create(
                blobs, setup.clock(), Runtime.getRuntime().maxMemory() / GRADIENTS_OF_HEAP),
            "gradient-pool",
            COMPUTE);
    ActorRef<PolicyLearnerCommand> policyLearner =
        spawn(
            PolicyLearner.create(
                new PolicyLearnerSetup(
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
    Optional<ActorRef<PoolCommand>> evaluators =
        setup.compute().evaluation().map(maker -> spawn(evaluators(maker), "evaluator", LIGHT));
    conductor.tell(
        new ConductorCommand.Staffed(policyLearner, gradients, criticLearner, evaluators));
  }

  private Behavior<PoolCommand> evaluators(Supplier<Evaluation> maker) {
    return EvaluatorPool.create(
        new EvaluatorPool.Tools(
            conductor,
            policy,
            blobs,
            Evaluator.create(new Evaluator.Tools(blobs, maker, setup.clock())),
            setup.workers().isPresent() ? Duration.ZERO : EVALUATOR_PATIENCE));
  }

  /**
   * Publishes what no learner publishes: older versions of a checkpoint, and an empty critic where
   * no reward learns.
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

  private HostSetup host(RunSetup.Workers workers) {
    ActorRef<RunCommand> self = context.getSelf();
    return new HostSetup(
        workers.rollout(),
        workers.reward(),
        workers.restarts(),
        new HostSetup.GradientWorkers(workers.gradient(), setup.compute().gradients(), true),
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
        new HostSetup.Listener() {
          @Override
          public void onWorkerFailed(RuntimeException error) {
            self.tell(new RunCommand.WorkerFailed(error));
          }

          @Override
          public void onHung(String reason) {
            happened(new Event.Broken(reason + "; start the program again to go on"));
          }
        });
  }

  private <T> ActorRef<T> spawn(Behavior<T> behavior, String name, DispatcherSelector dispatcher) {
    ActorRef<T> ref = context.spawn(behavior, name, dispatcher);
    context.watch(ref);
    return ref;
  }

  private void happened(Event event) {
    conductor.tell(new ConductorCommand.Happened(event));
  }
}
