package io.atelier.actors.transport.weights;

import io.atelier.actors.transport.WeightCodec;
import io.atelier.actors.transport.WeightStream;
import io.atelier.actors.transport.aeron.TransportAgent;
import io.atelier.actors.transport.shm.SlotWriter;
import io.atelier.actors.transport.wire.Announcement;
import io.atelier.actors.transport.wire.Content;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** A weight stream that is published here: kept, and offered to others. */
final class PublishedStream<W> implements WeightStream<W> {
  private final TransportAgent agent;
  private final String name;
  private final WeightCodec<W> codec;
  private final LocalWeightStream<W> held;
  private final Offer offer;

  /**
   * @param slots where processes of this host find the versions, if they share them
   */
  PublishedStream(
      StreamRegistry registry,
      String name,
      WeightCodec<W> codec,
      int maxVersions,
      Optional<SlotWriter> slots) {
    if (maxVersions < 1 || maxVersions > Announcement.MAX_VERSIONS) {
      throw new IllegalArgumentException(
          "%s would hold %d versions, must be 1 to %d"
              .formatted(name, maxVersions, Announcement.MAX_VERSIONS));
    }
    this.agent = registry.agent();
    this.name = name;
    this.codec = codec;
    this.held = new LocalWeightStream<>(name, maxVersions);
    this.offer = new Offer(registry, name, slots);
  }

  /** Encodes the weights on the caller's thread, which may take long. */
  @Override
  public void publish(long version, W weights) {
    held.publish(version, weights);
    try {
      encode(version, weights);
    } catch (RuntimeException e) {
      held.retire(version);
      throw e;
    }
  }

  private void encode(long version, W weights) {
    long length = codec.length(weights);
    long limit = agent.config().maxPieceBytes();
    if (length > limit) {
      throw new IllegalStateException(
          "%s version %d has %d bytes, and one transfer takes %d"
              .formatted(name, version, length, limit));
    }
    String hash = codec.hash(weights);
    Offer.Space space = offer.space((int) length);
    try {
      Content.encode(codec, weights, space.bytes());
    } catch (RuntimeException e) {
      offer.giveBack(space);
      throw e;
    }
    offer.put(version, space, hash);
  }

  @Override
  public CompletionStage<W> fetch(long version) {
    return held.fetch(version);
  }

  @Override
  public void retire(long version) {
    held.retire(version);
    offer.retire(version);
  }

  @Override
  public Set<Long> versions() {
    return held.versions();
  }
}
