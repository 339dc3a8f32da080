package io.atelier.actors.worker;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.ChildFailed;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.Terminated;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import io.atelier.actors.identity.Identity;
import io.atelier.actors.ledger.Event;
import io.atelier.actors.ledger.Role;
import io.atelier.actors.ledger.Weights;
import io.atelier.actors.ledger.WorkerId;
import io.atelier.actors.port.Clock;
import io.atelier.actors.port.Evaluation;
import io.atelier.actors.port.Failures;
import io.atelier.actors.port.Transport;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.EvaluatorCommand;
import io.atelier.actors.protocol.GradientWorkerCommand;
import io.atelier.actors.protocol.HostCommand;
import io.atelier.actors.protocol.RewardWorkerCommand;
import io.atelier.actors.protocol.RolloutWorkerCommand;
import io.atelier.actors.transport.BlobStore;
import io.atelier.actors.transport.WeightStream;
import io.atelier.learner.Gradients;
import io.atelier.models.state.NamedTensors;
import io.atelier.reward.GroupScorer;
import io.atelier.rollout.Generator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The workers of one node. Offers them to a conductor, tells it again and again that the node is
 * there, and replaces workers that fail. Workers outlive a conductor: they are given the next one.
 */
public final class Host extends AbstractBehavior<HostCommand> {

  /**
   * What a host works with.
   *
   * @param rollout rollout workers of this node
   * @param reward reward workers of this node
   * @param restarts how often one worker is replaced after a failure before it is given up
   * @param gradients gradient workers of this node
   * @param evaluation maker of the compute object of an evaluator, if this node is to have one
   * @param label added to the names of the workers, which no other node may have; empty for none
   * @param identity what the node would compute; all nodes of a run are the same
   * @param computing what it computes with, for people: device, type, library
   * @param beat pause between signs of life
   * @param generator maker of a rollout worker's compute object
   * @param scorer maker of a reward worker's compute object
   * @param pictures most rows and columns of the pictures that a reward worker makes of its images;
   *     0 for none
   * @param listener told of what happens
   */
  public record Tools(
      int rollout,
      int reward,
      int restarts,
      GradientWorkers gradients,
      Optional<Supplier<Evaluation>> evaluation,
      String label,
      Identity identity,
      String computing,
      Duration beat,
      Transport transport,
      Supplier<Generator> generator,
      Supplier<GroupScorer> scorer,
      int pictures,
      Clock clock,
      Listener listener) {}

  /**
   * Gradient workers of a node.
   *
   * @param count how many; 0 for none
   * @param maker of the compute object of one
   * @param beside whether they also help a learner of this very node; on a node of a cluster the
   *     learner has its processors to itself
   */
  public record GradientWorkers(int count, Supplier<Gradients> maker, boolean beside) {}

  /** Who is told what happens on a host. */
  public interface Listener {

    /** A worker failed with this error. */
    void onWorkerFailed(RuntimeException error);

    /** A conductor does not take this node. */
    default void onRefused(String reason) {}

    /** The run is over; the first cause, if it failed. */
    default void onOver(Optional<String> failure) {}

    /** The conductor wants this node to leave. */
    default void onDrain() {}

    /** The conductor has no more work for this node, since it fails at all of it. */
    default void onSetAside(String reason) {}
  }

  private record Employment(
      ActorRef<ConductorCommand> conductor,
      int epoch,
      String publisher,
      WeightStream<NamedTensors> policy,
      WeightStream<NamedTensors> critic) {

    /** Lets go of the weights that were fetched. */
    private void end() {
      policy.close();
      critic.close();
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(Host.class);
  private static final DispatcherSelector COMPUTE =
      DispatcherSelector.fromConfig("atelier.compute-dispatcher");

  /** What a helper does another does without it, so it may fail often, but not fast. */
  private static final SupervisorStrategy HELPER_RESTART =
      SupervisorStrategy.restartWithBackoff(Duration.ofSeconds(1), Duration.ofSeconds(30), 0);

  private final Tools tools;
  private final Map<String, Slot> slots = new TreeMap<>();
  private Set<ActorRef<ConductorCommand>> found = Set.of();
  private Optional<Employment> employment = Optional.empty();
  private final List<ActorRef<GradientWorkerCommand>> gradientWorkers = new ArrayList<>();
  private Optional<ActorRef<EvaluatorCommand>> evaluator = Optional.empty();

  /** A place for a worker, and its present incarnation. */
  private static final class Slot {
    private final Role role;
    private WorkerId id;
    private Optional<ActorRef<?>> ref = Optional.empty();
    private int failures;

    private Slot(Role role, WorkerId id) {
      this.role = role;
      this.id = id;
    }
  }

  private Host(ActorContext<HostCommand> context, TimerScheduler<HostCommand> timers, Tools tools) {
    super(context);
    this.tools = tools;
    addSlots(Role.ROLLOUT, tools.rollout());
    addSlots(Role.REWARD, tools.reward());
    slots.values().forEach(this::make); // models load while the node looks for a conductor
    timers.startTimerWithFixedDelay(HostCommand.Beat.INSTANCE, tools.beat());
  }

  public static Behavior<HostCommand> create(Tools tools) {
    return Behaviors.setup(
        context -> Behaviors.withTimers(timers -> new Host(context, timers, tools)));
  }

  private void addSlots(Role role, int count) {
    String node = tools.transport().node();
    for (int i = 0; i < count; i++) {
      String name = role + "-" + i + tools.label();
      // the first incarnation is 0, once a conductor is there
      slots.put(name, new Slot(role, new WorkerId(role, name, -1, node)));
    }
  }

  @Override
  public Receive<HostCommand> createReceive() {
    return newReceiveBuilder()
        .onMessage(HostCommand.Found.class, this::onFound)
        .onMessage(HostCommand.Welcome.class, this::onWelcome)
        .onMessage(HostCommand.Refused.class, this::onRefused)
        .onMessage(HostCommand.Rejoin.class, this::onRejoin)
        .onMessage(HostCommand.Trained.class, this::onTrained)
        .onMessage(HostCommand.Replace.class, this::onReplace)
        .onMessage(HostCommand.RunOver.class, this::onRunOver)
        .onMessage(HostCommand.Drain.class, this::onDrain)
        .onMessage(HostCommand.SetAside.class, this::onSetAside)
        .onMessage(HostCommand.Ask.class, this::onAsk)
        .onMessageEquals(HostCommand.Leave.INSTANCE, this::onLeave)
        .onMessageEquals(HostCommand.Beat.INSTANCE, this::onBeat)
        .onSignal(ChildFailed.class, this::onChildFailed)
        .onSignal(Terminated.class, signal -> this)
        .build();
  }

  // ---------------------------------------------------------------- conductors

  private Behavior<HostCommand> onFound(HostCommand.Found message) {
    found = new HashSet<>(message.conductors());
    employment.ifPresent(e -> found.remove(e.conductor()));
    found.forEach(this::offer);
    return this;
  }

  private void offer(ActorRef<ConductorCommand> conductor) {
    Set<Role> roles = EnumSet.noneOf(Role.class);
    slots.values().forEach(slot -> roles.add(slot.role));
    conductor.tell(
        new ConductorCommand.NodeJoined(
            tools.transport().node(),
            List.copyOf(roles),
            tools.identity().brief(),
            tools.computing(),
            getContext().getSelf()));
  }

  private Behavior<HostCommand> onWelcome(HostCommand.Welcome welcome) {
    if (employment.filter(e -> e.epoch() >= welcome.epoch()).isPresent()) {
      return this; // said twice, or by a conductor whose time is over
    }
    LOG.info("working for the conductor of epoch {}", welcome.epoch());
    found.remove(welcome.conductor());
    employment.filter(e -> !isHere(e.publisher())).ifPresent(Employment::end);
    tools.transport().token(welcome.token());
    employment =
        Optional.of(
            new Employment(
                welcome.conductor(),
                welcome.epoch(),
                welcome.publisher(),
                tools.transport().follow(Weights.POLICY, welcome.epoch(), welcome.publisher()),
                tools.transport().follow(Weights.CRITIC, welcome.epoch(), welcome.publisher())));
    joinAnew(welcome.publisher());
    return this;
  }

  /** What is held was made for somebody else; every worker joins with its next incarnation. */
  private void joinAnew(String publisher) {
    if (!isHere(publisher)) { // or the conductor's own would go too
      tools.transport().blobs().releaseAll();
    }
    slots.values().forEach(slot -> slot.failures = 0);
    slots.values().forEach(this::start);
    helpersJoin();
  }

  private Behavior<HostCommand> onRefused(HostCommand.Refused refused) {
    if (employment.isEmpty()) {
      tools.listener().onRefused(refused.reason());
    }
    return this;
  }

  private Behavior<HostCommand> onRejoin(HostCommand.Rejoin rejoin) {
    if (worksFor(rejoin.epoch())) {
      LOG.warn("this node was taken for lost; its workers join anew");
      joinAnew(employment.orElseThrow().publisher());
    }
    return this;
  }

  private Behavior<HostCommand> onTrained(HostCommand.Trained trained) {
    slots.values().forEach(slot -> slot.failures = 0);
    return this;
  }

  private Behavior<HostCommand> onBeat() {
    // an offer that was lost on the way is made again
    found.forEach(this::offer);
    tell(new Event.NodeBeat(tools.transport().node()));
    helpersJoin();
    return this;
  }

  private Behavior<HostCommand> onRunOver(HostCommand.RunOver over) {
    if (worksFor(over.epoch())) {
      tools.listener().onOver(over.failure());
    }
    return this;
  }

  private Behavior<HostCommand> onDrain(HostCommand.Drain drain) {
    if (worksFor(drain.epoch())) {
      tools.listener().onDrain();
    }
    return this;
  }

  private Behavior<HostCommand> onSetAside(HostCommand.SetAside aside) {
    if (worksFor(aside.epoch())) {
      LOG.error("this node gets no more {} work: {}", aside.role(), aside.reason());
      List<Slot> taken = slots.values().stream().filter(s -> s.role == aside.role()).toList();
      taken.forEach(slot -> slot.ref.ifPresent(getContext()::stop));
      slots.values().removeAll(taken);
      if (aside.leave()) {
        tools.listener().onSetAside(aside.reason());
      }
    }
    return this;
  }

  private Behavior<HostCommand> onAsk(HostCommand.Ask ask) {
    ask.replyTo().tell(new HostCommand.Duty(slots.size(), employment.map(Employment::conductor)));
    return this;
  }

  private Behavior<HostCommand> onLeave() {
    tell(new Event.NodeLost(tools.transport().node()));
    slots.values().forEach(slot -> slot.ref.ifPresent(getContext()::stop));
    gradientWorkers.forEach(getContext()::stop);
    evaluator.ifPresent(getContext()::stop);
    HostCommand.Duty none = new HostCommand.Duty(slots.size(), Optional.empty());
    return Behaviors.receive(HostCommand.class)
        .onMessage(
            HostCommand.Ask.class,
            ask -> {
              ask.replyTo().tell(none);
              return Behaviors.same();
            })
        .onAnyMessage(message -> Behaviors.same())
        .build();
  }

  private boolean isHere(String node) {
    return node.equals(tools.transport().node());
  }

  private boolean worksFor(int epoch) {
    return employment.filter(e -> e.epoch() == epoch).isPresent();
  }

  private void tell(Event event) {
    employment.ifPresent(e -> e.conductor().tell(new ConductorCommand.Happened(event)));
  }

  // ---------------------------------------------------------------- workers

  /** Gives a slot its next incarnation: the actor that is there, or a new one. */
  private void start(Slot slot) {
    Employment now = employment.orElseThrow();
    ActorRef<?> worker = slot.ref.orElseGet(() -> make(slot));
    WorkerId last = slot.id;
    slot.id = new WorkerId(last.role(), last.name(), last.incarnation() + 1, last.node());
    switch (slot.role) {
      case ROLLOUT ->
          worker
              .<RolloutWorkerCommand>unsafeUpcast()
              .tell(new RolloutWorkerCommand.Join(slot.id, now.conductor(), now.policy()));
      case REWARD ->
          worker
              .<RewardWorkerCommand>unsafeUpcast()
              .tell(new RewardWorkerCommand.Join(slot.id, now.conductor(), now.critic()));
    }
  }

  /** An actor for a slot, which makes what it computes with, and waits for a conductor. */
  private ActorRef<?> make(Slot slot) {
    BlobStore blobs = tools.transport().blobs();
    ActorRef<?> worker =
        switch (slot.role) {
          case ROLLOUT ->
              worker(
                  slot,
                  RolloutWorker.create(
                      new RolloutWorker.Tools(blobs, tools.generator(), tools.clock())));
          case REWARD ->
              worker(
                  slot,
                  RewardWorker.create(
                      new RewardWorker.Tools(
                          blobs, tools.scorer(), tools.pictures(), tools.clock())));
        };
    getContext().watch(worker);
    slot.ref = Optional.of(worker);
    return worker;
  }

  private <T> ActorRef<T> worker(Slot slot, Behavior<T> behavior) {
    String name = slot.role + "-" + slot.id.name().replaceAll("[^A-Za-z0-9-]", "-");
    return getContext().spawn(behavior, name + "-" + (slot.id.incarnation() + 1), COMPUTE);
  }

  /**
   * Shows gradient workers and evaluator whom to work for, which they may have forgotten in a
   * restart.
   */
  private void helpersJoin() {
    employment
        .filter(now -> tools.gradients().beside() || !isHere(now.publisher()))
        .ifPresent(this::gradientWorkersJoin);
    employment.filter(now -> !isHere(now.publisher())).ifPresent(this::evaluatorJoins);
  }

  private void gradientWorkersJoin(Employment now) {
    GradientWorkers wanted = tools.gradients();
    while (gradientWorkers.size() < wanted.count()) {
      String name = "gradient-" + gradientWorkers.size();
      BlobStore blobs = tools.transport().blobs();
      gradientWorkers.add(helper(GradientWorker.create(blobs, wanted.maker()), name));
    }
    GradientWorkerCommand.Join join = new GradientWorkerCommand.Join(now.conductor(), now.policy());
    gradientWorkers.forEach(worker -> worker.tell(join));
  }

  private void evaluatorJoins(Employment now) {
    if (evaluator.isEmpty()) {
      evaluator = tools.evaluation().map(maker -> helper(evaluator(maker), "evaluator"));
    }
    evaluator.ifPresent(e -> e.tell(new EvaluatorCommand.Join(now.conductor(), now.policy())));
  }

  private Behavior<EvaluatorCommand> evaluator(Supplier<Evaluation> maker) {
    return Evaluator.create(new Evaluator.Tools(tools.transport().blobs(), maker, tools.clock()));
  }

  private <T> ActorRef<T> helper(Behavior<T> behavior, String name) {
    return getContext()
        .spawn(Behaviors.supervise(behavior).onFailure(HELPER_RESTART), name, COMPUTE);
  }

  private Behavior<HostCommand> onChildFailed(ChildFailed signal) {
    Optional<Slot> failed =
        slots.values().stream()
            .filter(slot -> slot.ref.filter(signal.getRef()::equals).isPresent())
            .findFirst();
    failed.ifPresent(
        slot -> {
          RuntimeException cause = Failures.unwrap(signal.getCause());
          tools.listener().onWorkerFailed(cause);
          if (employment.isEmpty()) {
            LOG.warn(
                "{} failed; it is made again once there is a conductor", slot.id.name(), cause);
            slot.ref = Optional.empty();
            return;
          }
          LOG.info("{} failed", slot.id, cause); // the conductor says so to people
          String what = Failures.describe(cause);
          tell(new Event.WorkerLost(slot.id, Optional.of(what)));
          restart(slot, what);
        });
    return this;
  }

  private Behavior<HostCommand> onReplace(HostCommand.Replace replace) {
    Slot slot = slots.get(replace.worker().name());
    if (slot != null && slot.id.equals(replace.worker()) && slot.ref.isPresent()) {
      getContext().stop(slot.ref.get());
      restart(slot, replace.reason());
    }
    return this;
  }

  /** Starts the next incarnation, unless the worker failed too often since the last step. */
  private void restart(Slot slot, String reason) {
    slot.ref = Optional.empty();
    if (++slot.failures <= tools.restarts()) {
      start(slot);
      return;
    }
    boolean last = slots.values().stream().noneMatch(s -> s.role == slot.role && s.ref.isPresent());
    tell(new Event.GaveUp(slot.id, slot.failures, reason, last));
  }
}
