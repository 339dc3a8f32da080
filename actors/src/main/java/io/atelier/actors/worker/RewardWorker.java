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
import io.atelier.actors.port.Failures;
import io.atelier.actors.port.Guarded;
import io.atelier.actors.protocol.WorkerCommand;
import io.atelier.actors.report.GroupPictures;
import io.atelier.actors.transport.BlobStore;
import io.atelier.models.state.Held;
import io.atelier.models.state.NamedTensors;
import io.atelier.reward.GroupScorer;
import io.atelier.reward.Reward;
import io.atelier.rollout.ImageGroup;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Scores one leased group at a time, with the critic version it was told to load. */
public final class RewardWorker extends LeasedWorker {

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

  private RewardWorker(ActorContext<WorkerCommand> context, Tools tools, Orders orders) {
    super(context, tools.clock(), orders);
    this.tools = tools;
    this.scorer = Guarded.call("creating the scorer", tools.scorer());
  }

  /**
   * A worker that waits for a conductor, and may be given another.
   *
   * @param orders where its host sees how far it is
   */
  static Behavior<WorkerCommand> create(Tools tools, Orders orders) {
    return Behaviors.setup(context -> new RewardWorker(context, tools, orders));
  }

  @Override
  public Receive<WorkerCommand> createReceive() {
    return receive().onMessage(WorkerCommand.Score.class, this::onScore).build();
  }

  @Override
  Held load(NamedTensors critic) {
    return scorer.load(critic);
  }

  @Override
  void close() {
    scorer.close();
  }

  private Behavior<WorkerCommand> onScore(WorkerCommand.Score lease) {
    long order = lease.order();
    if (begin(order)) {
      long asked = now();
      await(
          order,
          tools.blobs().fetch(Blobs.IMAGES, lease.images()),
          drawn -> score(order, asked, drawn),
          cause -> answer(order, new Event.ImagesGone(id(), order, Failures.describe(cause))));
    }
    return this;
  }

  private void score(long order, long asked, DrawnGroup drawn) {
    long start = now();
    AtomicLong encoded = new AtomicLong(start);
    ScoredDraw scored =
        Guarded.call("scoring", () -> ScoredDraw.of(scorer, drawn, () -> encoded.set(now())));
    if (scored.outcome() instanceof Reward.Scored scores) {
      Span transfer = new Span(asked, start);
      Span span = new Span(start, now());
      answerOnceKept(
          order,
          scored.features().map(Blobs.FEATURES.codec()::length).orElse(0L),
          () ->
              new Event.Scored(
                  id(),
                  order,
                  hash(),
                  scores,
                  scored.potentials(),
                  scored.features().map(f -> tools.blobs().put(Blobs.FEATURES, f)),
                  pictures(drawn.group(), scored),
                  transfer,
                  encoded.get(),
                  span));
    } else if (scored.outcome() instanceof Reward.RetryLater later) {
      answer(order, new Event.ScoreLater(id(), order, later.reason()));
    } else if (scored.outcome() instanceof Reward.Unscorable never) {
      answer(order, new Event.Unscorable(id(), order, never.reason()));
    } else {
      throw new IllegalStateException(
          "group %s: the scorer answered %s".formatted(drawn.group().id(), scored.outcome()));
    }
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
}
