package io.atelier.actors.worker;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.atelier.actors.codec.Blobs;
import io.atelier.actors.codec.DrawnGroup;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.ledger.model.Span;
import io.atelier.actors.port.Clock;
import io.atelier.actors.port.Guarded;
import io.atelier.actors.protocol.WorkerCommand;
import io.atelier.actors.transport.BlobStore;
import io.atelier.actors.transport.BlobStoreFullException;
import io.atelier.models.state.Held;
import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.Generator;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Trajectory;
import java.util.function.Supplier;

/** Generates one leased group at a time, with the policy version it was told to load. */
public final class RolloutWorker extends LeasedWorker {

  /**
   * What a rollout worker works with.
   *
   * @param blobs where images and trajectories are kept
   * @param generator maker of the compute object, called on the worker's thread
   */
  public record Tools(BlobStore blobs, Supplier<Generator> generator, Clock clock) {}

  private final Tools tools;
  private final Generator generator;

  private RolloutWorker(ActorContext<WorkerCommand> context, Tools tools, Orders orders) {
    super(context, tools.clock(), orders);
    this.tools = tools;
    this.generator = Guarded.call("creating the generator", tools.generator());
  }

  /**
   * A worker that waits for a conductor, and may be given another.
   *
   * @param orders where its host sees how far it is
   */
  static Behavior<WorkerCommand> create(Tools tools, Orders orders) {
    return Behaviors.setup(context -> new RolloutWorker(context, tools, orders));
  }

  @Override
  public Receive<WorkerCommand> createReceive() {
    return receive().onMessage(WorkerCommand.Generate.class, this::onGenerate).build();
  }

  @Override
  Held load(NamedTensors policy) {
    return generator.load(policy);
  }

  @Override
  void close() {
    generator.close();
  }

  private Behavior<WorkerCommand> onGenerate(WorkerCommand.Generate lease) {
    if (!begin(lease.order())) {
      return this;
    }
    long start = now();
    Generator.Sampled sampled =
        Guarded.call("sampling", () -> generator.sample(lease.id(), lease.prompt()));
    ImageGroup group =
        new ImageGroup(lease.id(), lease.prompt(), sampled.images(), version(), hash());
    Span span = new Span(start, now());
    DrawnGroup drawn = new DrawnGroup(group, sampled.completions());
    long bytes =
        Blobs.IMAGES.codec().length(drawn) + Blobs.TRAJECTORY.codec().length(sampled.trajectory());
    answerOnceKept(
        lease.order(), bytes, () -> kept(lease.order(), drawn, sampled.trajectory(), span));
    return this;
  }

  private Event kept(long order, DrawnGroup drawn, Trajectory trajectory, Span span) {
    BlobRef images = tools.blobs().put(Blobs.IMAGES, drawn);
    try {
      BlobRef ref = tools.blobs().put(Blobs.TRAJECTORY, trajectory);
      return new Event.Generated(id(), order, hash(), images, ref, span);
    } catch (BlobStoreFullException e) {
      tools.blobs().release(images);
      throw e;
    }
  }
}
