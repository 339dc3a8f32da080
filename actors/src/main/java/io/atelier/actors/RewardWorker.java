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
import io.atelier.reward.GroupScorer;
import io.atelier.reward.Reward;
import io.atelier.rollout.ImageGroup;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

  /**
   * Work for a conductor from now on, under a new name.
   *
   * @param stream where this conductor's weights come from
   */
  public record Join(
      WorkerId id, ActorRef<Conductor.Command> conductor, WeightStream<NamedTensors> stream)
      implements Command {}

  private record Arrived(long order, long asked, NamedTensors weights) implements Command {}

  private record ImagesArrived(long order, long asked, ImageGroup group) implements Command {}

  private record ImagesGone(long order, RuntimeException cause) implements Command {}

  private record NotArrived(long order, RuntimeException cause) implements Command {}

  private record LetGo(long order) implements Command {}

  /**
   * What a reward worker works with.
   *
   * @param blobs where images come from and features are kept
   * @param scorer maker of the compute object, called on the worker's thread
   */
  public record Tools(BlobStore blobs, Supplier<GroupScorer> scorer, Clock clock) {}

  private static final Logger LOG = LoggerFactory.getLogger(RewardWorker.class);

  /** Before weights that did not come are asked for again. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Tools tools;
  private final GroupScorer scorer;
  private final Orders orders = new Orders();
  private Join employer;
  private String hash = "";

  private RewardWorker(ActorContext<Command> context, Join employer, Tools tools) {
    super(context);
    this.tools = tools;
    this.scorer = Guarded.call("creating the scorer", tools.scorer());
    onJoin(employer);
  }

  /** A worker that has a conductor from the start, and may be given another. */
  public static Behavior<Command> create(Join employer, Tools tools) {
    return Behaviors.setup(context -> new RewardWorker(context, employer, tools));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Join.class, this::onJoin)
        .onMessage(Load.class, this::onLoad)
        .onMessage(Arrived.class, this::onArrived)
        .onMessage(Score.class, this::onScore)
        .onMessage(ImagesArrived.class, this::onImagesArrived)
        .onMessage(Revoke.class, this::onRevoke)
        .onMessage(ImagesGone.class, this::onImagesGone)
        .onMessage(NotArrived.class, this::onNotArrived)
        .onMessage(LetGo.class, this::onLetGo)
        .onSignal(PostStop.class, this::onPostStop)
        .build();
  }

  private Behavior<Command> onJoin(Join join) {
    employer = join;
    join.conductor().tell(new Conductor.RewardJoined(join.id(), getContext().getSelf()));
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
                      ? new Arrived(load.order(), asked, weights)
                      : new NotArrived(load.order(), Failures.unwrap(error)));
    }
    return this;
  }

  private Behavior<Command> onArrived(Arrived arrived) {
    if (orders.isCurrent(arrived.order())) {
      Held held = Guarded.call("loading the critic", () -> scorer.load(arrived.weights()));
      hash = held.hash();
      Span span = new Span(arrived.asked(), tools.clock().nanos());
      orders.done();
      answer(new Event.Loaded(employer.id(), arrived.order(), hash, held.changed(), span));
    }
    return this;
  }

  private Behavior<Command> onScore(Score lease) {
    if (orders.begin(lease.order())) {
      long asked = tools.clock().nanos();
      getContext()
          .pipeToSelf(
              tools.blobs().fetch(Blobs.IMAGES, lease.images()),
              (group, error) ->
                  error == null
                      ? new ImagesArrived(lease.order(), asked, group)
                      : new ImagesGone(lease.order(), Failures.unwrap(error)));
    }
    return this;
  }

  private Behavior<Command> onImagesArrived(ImagesArrived arrived) {
    long order = arrived.order();
    if (!orders.isCurrent(order)) {
      return this;
    }
    long start = tools.clock().nanos();
    AtomicLong encoded = new AtomicLong(start);
    GroupScorer.Result result =
        Guarded.call(
            "scoring",
            () -> scorer.score(arrived.group(), () -> encoded.set(tools.clock().nanos())));
    orders.done();
    if (result.outcome() instanceof Reward.Scored scores) {
      requireOnePerImage(scores, arrived.group());
      Optional<BlobRef> features = result.features().map(f -> tools.blobs().put(Blobs.FEATURES, f));
      Span transfer = new Span(arrived.asked(), start);
      Span span = new Span(start, tools.clock().nanos());
      answer(
          new Event.Scored(
              employer.id(), order, hash, scores, features, transfer, encoded.get(), span));
    } else if (result.outcome() instanceof Reward.RetryLater later) {
      answer(new Event.ScoreLater(employer.id(), order, later.reason()));
    } else if (result.outcome() instanceof Reward.Unscorable never) {
      answer(new Event.Unscorable(employer.id(), order, never.reason()));
    }
    return this;
  }

  private Behavior<Command> onImagesGone(ImagesGone gone) {
    if (orders.isCurrent(gone.order())) {
      orders.done();
      String reason = Failures.describe(gone.cause());
      answer(new Event.ImagesGone(employer.id(), gone.order(), reason));
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
    scorer.close();
    return this;
  }

  private void answer(Event event) {
    employer.conductor().tell(new Conductor.Happened(event));
  }
}
