package io.atelier.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.atelier.actors.ledger.Event;
import io.atelier.actors.ledger.Span;
import io.atelier.actors.ledger.WorkerId;
import io.atelier.actors.transport.BlobRef;
import io.atelier.actors.transport.BlobStore;
import io.atelier.actors.transport.WeightStream;
import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.Generator;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import java.util.function.Supplier;

/** Generates one leased group at a time, with the policy version it was told to load. */
public final class RolloutWorker extends LeasedWorker<RolloutWorker.Command> {

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

  private final Tools tools;
  private final Generator generator;
  private long version;

  private RolloutWorker(ActorContext<Command> context, Tools tools) {
    super(context, tools.clock());
    this.tools = tools;
    this.generator = Guarded.call("creating the generator", tools.generator());
  }

  /** A worker that waits for a conductor, and may be given another. */
  public static Behavior<Command> create(Tools tools) {
    return Behaviors.setup(context -> new RolloutWorker(context, tools));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Join.class, this::onJoin)
        .onMessage(Load.class, this::onLoad)
        .onMessage(Arrived.class, this::onArrived)
        .onMessage(Generate.class, this::onGenerate)
        .onMessage(Revoke.class, revoke -> revoke(revoke.order()))
        .onMessage(NotArrived.class, n -> notArrived(n.cause(), new LetGo(n.order())))
        .onMessage(LetGo.class, letGo -> letGo(letGo.order()))
        .onSignal(PostStop.class, this::onPostStop)
        .build();
  }

  private Behavior<Command> onJoin(Join join) {
    employ(new Employer(join.id(), join.conductor(), join.stream()));
    join.conductor().tell(new Conductor.RolloutJoined(join.id(), getContext().getSelf()));
    return this;
  }

  private Behavior<Command> onLoad(Load load) {
    long asked = now();
    return fetch(
        load.order(),
        load.version(),
        weights -> new Arrived(load.order(), asked, load.version(), weights),
        cause -> new NotArrived(load.order(), cause));
  }

  private Behavior<Command> onArrived(Arrived arrived) {
    if (orders().isCurrent(arrived.order())) {
      version = arrived.version();
      load(
          arrived.order(),
          arrived.asked(),
          "loading the policy",
          () -> generator.load(arrived.weights()));
    }
    return this;
  }

  private Behavior<Command> onGenerate(Generate lease) {
    if (!orders().begin(lease.order())) {
      return this;
    }
    long start = now();
    Generator.Sampled sampled =
        Guarded.call("sampling", () -> generator.sample(lease.id(), lease.prompt()));
    ImageGroup group =
        new ImageGroup(lease.id(), lease.prompt(), sampled.images(), version, hash());
    BlobRef images = tools.blobs().put(Blobs.IMAGES, new DrawnGroup(group, sampled.completions()));
    BlobRef trajectory = tools.blobs().put(Blobs.TRAJECTORY, sampled.trajectory());
    orders().done();
    Span span = new Span(start, now());
    answer(new Event.Generated(id(), lease.order(), hash(), images, trajectory, span));
    return this;
  }

  private Behavior<Command> onPostStop(PostStop signal) {
    generator.close();
    return this;
  }
}
