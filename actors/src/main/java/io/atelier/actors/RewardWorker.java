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
import io.atelier.models.state.NamedTensors;
import io.atelier.reward.GroupScorer;
import io.atelier.reward.Reward;
import io.atelier.rollout.ImageGroup;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Scores one leased group at a time, with the critic version it was told to load. Runs on a thread
 * of its own, which it blocks while it computes; an exception ends it, and whoever started it may
 * start its next incarnation.
 */
public final class RewardWorker extends AbstractBehavior<RewardWorker.Command> {

  /** What a reward worker is told. */
  public sealed interface Command {}

  /** Hold this critic version; answered with the hash of what is held then. */
  public record Load(long order, long version) implements Command, WireMessage {}

  /** Score a group with the version held. */
  public record Score(long order, BlobRef images) implements Command, WireMessage {}

  /** Let go of an order. */
  public record Revoke(long order) implements Command, WireMessage {}

  private record Arrived(long order, NamedTensors weights) implements Command {}

  private record ImagesArrived(long order, ImageGroup group) implements Command {}

  private record Failed(RuntimeException cause) implements Command {}

  /**
   * What a reward worker works with.
   *
   * @param conductor whom it answers
   * @param critic where weights come from
   * @param blobs where images come from and features are kept
   * @param scorer maker of the compute object, called on the worker's thread
   */
  public record Tools(
      ActorRef<Conductor.Command> conductor,
      WeightStream<NamedTensors> critic,
      BlobStore blobs,
      Supplier<GroupScorer> scorer,
      Clock clock) {}

  private final WorkerId id;
  private final Tools tools;
  private final GroupScorer scorer;
  private final Orders orders = new Orders();
  private String hash = "";

  private RewardWorker(ActorContext<Command> context, WorkerId id, Tools tools) {
    super(context);
    this.id = id;
    this.tools = tools;
    this.scorer = Guarded.call("creating the scorer", tools.scorer());
    tools.conductor().tell(new Conductor.RewardJoined(id, context.getSelf()));
  }

  public static Behavior<Command> create(WorkerId id, Tools tools) {
    return Behaviors.setup(context -> new RewardWorker(context, id, tools));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Load.class, this::onLoad)
        .onMessage(Arrived.class, this::onArrived)
        .onMessage(Score.class, this::onScore)
        .onMessage(ImagesArrived.class, this::onImagesArrived)
        .onMessage(Revoke.class, this::onRevoke)
        .onMessage(Failed.class, this::onFailed)
        .onSignal(PostStop.class, this::onPostStop)
        .build();
  }

  private Behavior<Command> onLoad(Load load) {
    if (orders.begin(load.order())) {
      getContext()
          .pipeToSelf(
              tools.critic().fetch(load.version()),
              (weights, error) ->
                  error == null
                      ? new Arrived(load.order(), weights)
                      : new Failed(Failures.unwrap(error)));
    }
    return this;
  }

  private Behavior<Command> onArrived(Arrived arrived) {
    if (orders.isCurrent(arrived.order())) {
      hash = Guarded.call("loading the critic", () -> scorer.load(arrived.weights()));
      orders.done();
      answer(new Event.Loaded(id, arrived.order(), hash));
    }
    return this;
  }

  private Behavior<Command> onScore(Score lease) {
    if (orders.begin(lease.order())) {
      getContext()
          .pipeToSelf(
              tools.blobs().fetch(Blobs.IMAGES, lease.images()),
              (group, error) ->
                  error == null
                      ? new ImagesArrived(lease.order(), group)
                      : new Failed(Failures.unwrap(error)));
    }
    return this;
  }

  private Behavior<Command> onImagesArrived(ImagesArrived arrived) {
    long order = arrived.order();
    if (!orders.isCurrent(order)) {
      return this;
    }
    long start = tools.clock().nanos();
    GroupScorer.Result result = Guarded.call("scoring", () -> scorer.score(arrived.group()));
    orders.done();
    if (result.outcome() instanceof Reward.Scored scores) {
      requireOnePerImage(scores, arrived.group());
      Optional<BlobRef> features = result.features().map(f -> tools.blobs().put(Blobs.FEATURES, f));
      Span span = new Span(start, tools.clock().nanos());
      answer(new Event.Scored(id, order, hash, scores, features, span));
    } else if (result.outcome() instanceof Reward.RetryLater later) {
      answer(new Event.ScoreLater(id, order, later.reason()));
    } else if (result.outcome() instanceof Reward.Unscorable never) {
      answer(new Event.Unscorable(id, order, never.reason()));
    }
    return this;
  }

  private static void requireOnePerImage(Reward.Scored scores, ImageGroup group) {
    if (scores.total().length != group.images().count()) {
      throw new IllegalStateException(
          "group %s has %d images, but the reward gave %d scores"
              .formatted(group.id(), group.images().count(), scores.total().length));
    }
  }

  private Behavior<Command> onRevoke(Revoke revoke) {
    orders.revoke(revoke.order());
    answer(new Event.Released(id, revoke.order()));
    return this;
  }

  private Behavior<Command> onFailed(Failed failed) {
    throw failed.cause();
  }

  private Behavior<Command> onPostStop(PostStop signal) {
    scorer.close();
    return this;
  }

  private void answer(Event event) {
    tools.conductor().tell(new Conductor.Happened(event));
  }
}
