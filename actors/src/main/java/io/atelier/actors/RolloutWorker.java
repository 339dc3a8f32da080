package io.atelier.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.atelier.actors.ledger.Event;
import io.atelier.actors.ledger.Span;
import io.atelier.actors.ledger.WorkerId;
import io.atelier.actors.transport.BlobRef;
import io.atelier.actors.transport.BlobStore;
import io.atelier.actors.transport.WeightStream;
import io.atelier.models.state.Held;
import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.Generator;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Generates one leased group at a time, with the policy version it was told to load. Runs on a
 * thread of its own, which it blocks while it computes; an exception ends it, and whoever started
 * it may start its next incarnation.
 */
public final class RolloutWorker extends AbstractBehavior<RolloutWorker.Command> {

  /** What a rollout worker is told. */
  public sealed interface Command {}

  /** Hold this policy version; answered with the hash of what is held then. */
  public record Load(long order, long version) implements Command, WireMessage {}

  /** Generate a group with the version held. */
  public record Generate(long order, GroupId id, Prompt prompt) implements Command, WireMessage {}

  /** Let go of an order. */
  public record Revoke(long order) implements Command, WireMessage {}

  /**
   * Work for a conductor from now on, under a new name.
   *
   * @param stream where this conductor's weights come from
   */
  public record Join(
      WorkerId id, ActorRef<Conductor.Command> conductor, WeightStream<NamedTensors> stream)
      implements Command {}

  private record Arrived(long order, long asked, long version, NamedTensors weights)
      implements Command {}

  private record NotArrived(long order, RuntimeException cause) implements Command {}

  private record LetGo(long order) implements Command {}

  /**
   * What a rollout worker works with.
   *
   * @param blobs where images and trajectories are kept
   * @param generator maker of the compute object, called on the worker's thread
   */
  public record Tools(BlobStore blobs, Supplier<Generator> generator, Clock clock) {}

  private static final Logger LOG = LoggerFactory.getLogger(RolloutWorker.class);

  /** Before weights that did not come are asked for again. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Tools tools;
  private final Generator generator;
  private final Orders orders = new Orders();
  private Join employer;
  private long version;
  private String hash = "";

  private RolloutWorker(ActorContext<Command> context, Join employer, Tools tools) {
    super(context);
    this.tools = tools;
    this.generator = Guarded.call("creating the generator", tools.generator());
    onJoin(employer);
  }

  /** A worker that has a conductor from the start, and may be given another. */
  public static Behavior<Command> create(Join employer, Tools tools) {
    return Behaviors.setup(context -> new RolloutWorker(context, employer, tools));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Join.class, this::onJoin)
        .onMessage(Load.class, this::onLoad)
        .onMessage(Arrived.class, this::onArrived)
        .onMessage(Generate.class, this::onGenerate)
        .onMessage(Revoke.class, this::onRevoke)
        .onMessage(NotArrived.class, this::onNotArrived)
        .onMessage(LetGo.class, this::onLetGo)
        .onSignal(PostStop.class, this::onPostStop)
        .build();
  }

  private Behavior<Command> onJoin(Join join) {
    employer = join;
    join.conductor().tell(new Conductor.RolloutJoined(join.id(), getContext().getSelf()));
    return this;
  }

  private Behavior<Command> onLoad(Load load) {
    if (orders.begin(load.order())) {
      long asked = tools.clock().nanos();
      getContext()
          .pipeToSelf(
              employer.stream().fetch(load.version()),
              (weights, error) ->
                  error == null
                      ? new Arrived(load.order(), asked, load.version(), weights)
                      : new NotArrived(load.order(), Failures.unwrap(error)));
    }
    return this;
  }

  private Behavior<Command> onArrived(Arrived arrived) {
    if (orders.isCurrent(arrived.order())) {
      Held held = Guarded.call("loading the policy", () -> generator.load(arrived.weights()));
      hash = held.hash();
      Span span = new Span(arrived.asked(), tools.clock().nanos());
      version = arrived.version();
      orders.done();
      answer(new Event.Loaded(employer.id(), arrived.order(), hash, held.changed(), span));
    }
    return this;
  }

  private Behavior<Command> onGenerate(Generate lease) {
    if (!orders.begin(lease.order())) {
      return this;
    }
    long start = tools.clock().nanos();
    Generator.Sampled sampled =
        Guarded.call("sampling", () -> generator.sample(lease.id(), lease.prompt()));
    ImageGroup group = new ImageGroup(lease.id(), lease.prompt(), sampled.images(), version, hash);
    BlobRef images = tools.blobs().put(Blobs.IMAGES, group);
    BlobRef trajectory = tools.blobs().put(Blobs.TRAJECTORY, sampled.trajectory());
    orders.done();
    Span span = new Span(start, tools.clock().nanos());
    answer(new Event.Generated(employer.id(), lease.order(), hash, images, trajectory, span));
    return this;
  }

  private Behavior<Command> onRevoke(Revoke revoke) {
    orders.revoke(revoke.order());
    answer(new Event.Released(employer.id(), revoke.order()));
    return this;
  }

  /** Weights that do not come are asked for again, by the conductor and not at once. */
  private Behavior<Command> onNotArrived(NotArrived failed) {
    LOG.warn("{} did not get its weights", employer.id(), failed.cause());
    getContext().scheduleOnce(PAUSE, getContext().getSelf(), new LetGo(failed.order()));
    return this;
  }

  private Behavior<Command> onLetGo(LetGo letGo) {
    if (orders.isCurrent(letGo.order())) {
      orders.done();
      answer(new Event.Released(employer.id(), letGo.order()));
    }
    return this;
  }

  private Behavior<Command> onPostStop(PostStop signal) {
    generator.close();
    return this;
  }

  private void answer(Event event) {
    employer.conductor().tell(new Conductor.Happened(event));
  }
}
