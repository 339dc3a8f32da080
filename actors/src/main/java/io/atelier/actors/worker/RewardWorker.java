package io.atelier.actors.worker;

import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.atelier.actors.codec.Blobs;
import io.atelier.actors.ledger.BlobRef;
import io.atelier.actors.ledger.Event;
import io.atelier.actors.ledger.Span;
import io.atelier.actors.port.Clock;
import io.atelier.actors.port.Failures;
import io.atelier.actors.port.Guarded;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.RewardWorkerCommand;
import io.atelier.actors.report.GroupPictures;
import io.atelier.actors.transport.BlobStore;
import io.atelier.reward.GroupScorer;
import io.atelier.reward.Reward;
import io.atelier.rollout.ImageGroup;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Scores one leased group at a time, with the critic version it was told to load. */
public final class RewardWorker extends LeasedWorker<RewardWorkerCommand> {

  /**
   * What a reward worker works with.
   *
   * @param blobs where images come from and features are kept
   * @param scorer maker of the compute object, called on the worker's thread
   * @param pictures most rows and columns of the pictures that it makes of the images for people to
   *     look at; 0 for none
   */
  public record Tools(BlobStore blobs, Supplier<GroupScorer> scorer, int pictures, Clock clock) {}

  private static final Logger LOG = LoggerFactory.getLogger(RewardWorker.class);

  private final Tools tools;
  private final GroupScorer scorer;

  private RewardWorker(ActorContext<RewardWorkerCommand> context, Tools tools) {
    super(context, tools.clock());
    this.tools = tools;
    this.scorer = Guarded.call("creating the scorer", tools.scorer());
  }

  /** A worker that waits for a conductor, and may be given another. */
  public static Behavior<RewardWorkerCommand> create(Tools tools) {
    return Behaviors.setup(context -> new RewardWorker(context, tools));
  }

  @Override
  public Receive<RewardWorkerCommand> createReceive() {
    return newReceiveBuilder()
        .onMessage(RewardWorkerCommand.Join.class, this::onJoin)
        .onMessage(RewardWorkerCommand.Load.class, this::onLoad)
        .onMessage(RewardWorkerCommand.Arrived.class, this::onArrived)
        .onMessage(RewardWorkerCommand.Score.class, this::onScore)
        .onMessage(RewardWorkerCommand.ImagesArrived.class, this::onImagesArrived)
        .onMessage(RewardWorkerCommand.Revoke.class, revoke -> revoke(revoke.order()))
        .onMessage(RewardWorkerCommand.ImagesGone.class, this::onImagesGone)
        .onMessage(
            RewardWorkerCommand.NotArrived.class,
            n -> notArrived(n.cause(), new RewardWorkerCommand.LetGo(n.order())))
        .onMessage(RewardWorkerCommand.LetGo.class, letGo -> letGo(letGo.order()))
        .onSignal(PostStop.class, this::onPostStop)
        .build();
  }

  private Behavior<RewardWorkerCommand> onJoin(RewardWorkerCommand.Join join) {
    employ(new Employer(join.id(), join.conductor(), join.stream()));
    join.conductor().tell(new ConductorCommand.RewardJoined(join.id(), getContext().getSelf()));
    return this;
  }

  private Behavior<RewardWorkerCommand> onLoad(RewardWorkerCommand.Load load) {
    long asked = now();
    return fetch(
        load.order(),
        load.version(),
        weights -> new RewardWorkerCommand.Arrived(load.order(), asked, weights),
        cause -> new RewardWorkerCommand.NotArrived(load.order(), cause));
  }

  private Behavior<RewardWorkerCommand> onArrived(RewardWorkerCommand.Arrived arrived) {
    if (orders().isCurrent(arrived.order())) {
      load(
          arrived.order(),
          arrived.asked(),
          "loading the critic",
          () -> scorer.load(arrived.weights()));
    }
    return this;
  }

  private Behavior<RewardWorkerCommand> onScore(RewardWorkerCommand.Score lease) {
    if (orders().begin(lease.order())) {
      long asked = now();
      getContext()
          .pipeToSelf(
              tools.blobs().fetch(Blobs.IMAGES, lease.images()),
              (drawn, error) ->
                  error == null
                      ? new RewardWorkerCommand.ImagesArrived(lease.order(), asked, drawn)
                      : new RewardWorkerCommand.ImagesGone(lease.order(), Failures.unwrap(error)));
    }
    return this;
  }

  private Behavior<RewardWorkerCommand> onImagesArrived(RewardWorkerCommand.ImagesArrived arrived) {
    long order = arrived.order();
    if (!orders().isCurrent(order)) {
      return this;
    }
    long start = now();
    AtomicLong encoded = new AtomicLong(start);
    ScoredDraw scored =
        Guarded.call(
            "scoring", () -> ScoredDraw.of(scorer, arrived.drawn(), () -> encoded.set(now())));
    orders().done();
    if (scored.outcome() instanceof Reward.Scored scores) {
      Optional<BlobRef> features = scored.features().map(f -> tools.blobs().put(Blobs.FEATURES, f));
      Span transfer = new Span(arrived.asked(), start);
      Span span = new Span(start, now());
      answer(
          new Event.Scored(
              id(),
              order,
              hash(),
              scores,
              scored.potentials(),
              features,
              pictures(arrived.drawn().group(), scored),
              transfer,
              encoded.get(),
              span));
    } else if (scored.outcome() instanceof Reward.RetryLater later) {
      answer(new Event.ScoreLater(id(), order, later.reason()));
    } else if (scored.outcome() instanceof Reward.Unscorable never) {
      answer(new Event.Unscorable(id(), order, never.reason()));
    } else {
      throw new IllegalStateException(
          "group %s: the scorer answered %s"
              .formatted(arrived.drawn().group().id(), scored.outcome()));
    }
    return this;
  }

  /** Where there is no room for them, or they cannot be made, there are none. */
  private Optional<BlobRef> pictures(ImageGroup group, ScoredDraw scored) {
    if (tools.pictures() == 0) {
      return Optional.empty();
    }
    try {
      GroupPictures made = GroupPictures.of(group.images(), scored.places(), tools.pictures());
      return tools.blobs().offer(Blobs.PICTURES, made);
    } catch (RuntimeException e) {
      LOG.warn("there are no pictures of group {}", group.id(), e);
      return Optional.empty();
    }
  }

  private Behavior<RewardWorkerCommand> onImagesGone(RewardWorkerCommand.ImagesGone gone) {
    if (orders().isCurrent(gone.order())) {
      orders().done();
      String reason = Failures.describe(gone.cause());
      answer(new Event.ImagesGone(id(), gone.order(), reason));
    }
    return this;
  }

  private Behavior<RewardWorkerCommand> onPostStop(PostStop signal) {
    scorer.close();
    return this;
  }
}
