package io.atelier.actors.conductor;

import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.atelier.actors.codec.Blobs;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.port.Failures;
import io.atelier.actors.port.PictureSink;
import io.atelier.actors.report.TrainedGroup;
import io.atelier.actors.transport.BlobStore;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches the pictures of trained groups, step by step, hands them to the sink and releases them.
 * Nothing waits for it or depends on it: a picture that is lost or cannot be kept is only logged.
 */
public final class Gallery extends AbstractBehavior<Gallery.Command> {

  /** What the gallery is told. */
  public sealed interface Command {}

  /**
   * A step is trained.
   *
   * @param step updates that the policy has seen then
   * @param groups all of the step, whose pictures the gallery is to let go of
   */
  record Keep(int step, List<TrainedGroup> groups) implements Command {

    List<BlobRef> pictures() {
      return groups.stream().flatMap(g -> g.group().scoring().pictures().stream()).toList();
    }
  }

  private record Fetched(Keep keep, List<PictureSink.Pictured> groups) implements Command {}

  /** End, when all that was told before is kept. */
  public enum Close implements Command {
    INSTANCE
  }

  private static final Logger LOG = LoggerFactory.getLogger(Gallery.class);

  /** Steps that wait while another one is kept; a disk that is too slow for more gets less. */
  private static final int WAITING = 3;

  private final BlobStore blobs;
  private final PictureSink sink;
  private final Deque<Keep> waiting = new ArrayDeque<>();
  private boolean usable;
  private boolean busy;
  private boolean closing;

  private Gallery(ActorContext<Command> context, BlobStore blobs, PictureSink sink) {
    super(context);
    this.blobs = blobs;
    this.sink = sink;
    this.usable = succeeds("no pictures of training images are kept", sink::begin);
  }

  /** To run on a dispatcher for threads that block. */
  public static Behavior<Command> create(BlobStore blobs, PictureSink sink) {
    return Behaviors.setup(context -> new Gallery(context, blobs, sink));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Keep.class, this::onKeep)
        .onMessage(Fetched.class, this::onFetched)
        .onMessageEquals(Close.INSTANCE, this::onClose)
        .onSignal(PostStop.class, this::onPostStop)
        .build();
  }

  private Behavior<Command> onKeep(Keep keep) {
    if (!usable) {
      letGo(keep);
      return this;
    }
    waiting.add(keep);
    if (waiting.size() > WAITING) {
      Keep oldest = waiting.remove();
      LOG.warn(
          "the pictures of step {} are not kept: those of others take too long", oldest.step());
      letGo(oldest);
    }
    return next();
  }

  private Behavior<Command> next() {
    if (busy) {
      return this;
    }
    if (waiting.isEmpty()) {
      return closing ? Behaviors.stopped() : this;
    }
    busy = true;
    Keep keep = waiting.remove();
    List<CompletableFuture<PictureSink.Pictured>> fetched =
        keep.groups().stream().map(this::fetch).toList();
    getContext()
        .pipeToSelf(
            CompletableFuture.allOf(fetched.toArray(CompletableFuture[]::new)),
            (done, error) ->
                new Fetched(keep, fetched.stream().map(CompletableFuture::join).toList()));
    return this;
  }

  /** Never fails. */
  private CompletableFuture<PictureSink.Pictured> fetch(TrainedGroup group) {
    Optional<BlobRef> pictures = group.group().scoring().pictures();
    if (pictures.isEmpty()) {
      return CompletableFuture.completedFuture(new PictureSink.Pictured(group, Optional.empty()));
    }
    return blobs
        .fetch(Blobs.PICTURES, pictures.get())
        .handle(
            (value, error) -> {
              if (error != null) {
                LOG.warn(
                    "the pictures of group {} are lost: {}",
                    group.group().id(),
                    Failures.describe(Failures.unwrap(error)));
              }
              return new PictureSink.Pictured(group, Optional.ofNullable(value));
            })
        .toCompletableFuture();
  }

  private Behavior<Command> onFetched(Fetched fetched) {
    int step = fetched.keep().step();
    succeeds(
        "the pictures of step %d are not kept".formatted(step),
        () -> sink.keep(step, fetched.groups()));
    letGo(fetched.keep());
    busy = false;
    return next();
  }

  private void letGo(Keep keep) {
    keep.pictures().forEach(blobs::release);
  }

  private static boolean succeeds(String otherwise, Runnable call) {
    try {
      call.run();
      return true;
    } catch (RuntimeException e) {
      LOG.warn(otherwise, e);
      return false;
    }
  }

  private Behavior<Command> onClose() {
    closing = true;
    return next();
  }

  private Behavior<Command> onPostStop(PostStop signal) {
    succeeds("the list of pictures could not be closed", sink::close);
    return this;
  }
}
