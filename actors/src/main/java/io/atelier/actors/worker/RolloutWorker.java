package io.atelier.actors.worker;

import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.atelier.actors.codec.Blobs;
import io.atelier.actors.codec.DrawnGroup;
import io.atelier.actors.ledger.BlobRef;
import io.atelier.actors.ledger.Event;
import io.atelier.actors.ledger.Span;
import io.atelier.actors.port.Clock;
import io.atelier.actors.port.Guarded;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.RolloutWorkerCommand;
import io.atelier.actors.transport.BlobStore;
import io.atelier.rollout.Generator;
import io.atelier.rollout.ImageGroup;
import java.util.function.Supplier;

/** Generates one leased group at a time, with the policy version it was told to load. */
public final class RolloutWorker extends LeasedWorker<RolloutWorkerCommand> {

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

  private RolloutWorker(ActorContext<RolloutWorkerCommand> context, Tools tools) {
    super(context, tools.clock());
    this.tools = tools;
    this.generator = Guarded.call("creating the generator", tools.generator());
  }

  /** A worker that waits for a conductor, and may be given another. */
  public static Behavior<RolloutWorkerCommand> create(Tools tools) {
    return Behaviors.setup(context -> new RolloutWorker(context, tools));
  }

  @Override
  public Receive<RolloutWorkerCommand> createReceive() {
    return newReceiveBuilder()
        .onMessage(RolloutWorkerCommand.Join.class, this::onJoin)
        .onMessage(RolloutWorkerCommand.Load.class, this::onLoad)
        .onMessage(RolloutWorkerCommand.Arrived.class, this::onArrived)
        .onMessage(RolloutWorkerCommand.Generate.class, this::onGenerate)
        .onMessage(RolloutWorkerCommand.Revoke.class, revoke -> revoke(revoke.order()))
        .onMessage(
            RolloutWorkerCommand.NotArrived.class,
            n -> notArrived(n.cause(), new RolloutWorkerCommand.LetGo(n.order())))
        .onMessage(RolloutWorkerCommand.LetGo.class, letGo -> letGo(letGo.order()))
        .onSignal(PostStop.class, this::onPostStop)
        .build();
  }

  private Behavior<RolloutWorkerCommand> onJoin(RolloutWorkerCommand.Join join) {
    employ(new Employer(join.id(), join.conductor(), join.stream()));
    join.conductor().tell(new ConductorCommand.RolloutJoined(join.id(), getContext().getSelf()));
    return this;
  }

  private Behavior<RolloutWorkerCommand> onLoad(RolloutWorkerCommand.Load load) {
    long asked = now();
    return fetch(
        load.order(),
        load.version(),
        weights -> new RolloutWorkerCommand.Arrived(load.order(), asked, load.version(), weights),
        cause -> new RolloutWorkerCommand.NotArrived(load.order(), cause));
  }

  private Behavior<RolloutWorkerCommand> onArrived(RolloutWorkerCommand.Arrived arrived) {
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

  private Behavior<RolloutWorkerCommand> onGenerate(RolloutWorkerCommand.Generate lease) {
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

  private Behavior<RolloutWorkerCommand> onPostStop(PostStop signal) {
    generator.close();
    return this;
  }
}
