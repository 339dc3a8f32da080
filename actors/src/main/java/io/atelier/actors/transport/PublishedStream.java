package io.atelier.actors.transport;

import java.util.Set;
import java.util.concurrent.CompletionStage;

/** A weight stream that is published here: kept, broadcast, and served to whoever asks. */
final class PublishedStream<W> implements WeightStream<W> {
  private final Exchange exchange;
  private final String name;
  private final WeightCodec<W> codec;
  private final LocalWeightStream<W> held;
  private final Publisher publisher;

  PublishedStream(Exchange exchange, String name, WeightCodec<W> codec, int maxVersions) {
    if (maxVersions < 1 || maxVersions > Announcement.MAX_VERSIONS) {
      throw new IllegalArgumentException(
          "%s would hold %d versions, must be 1 to %d"
              .formatted(name, maxVersions, Announcement.MAX_VERSIONS));
    }
    this.exchange = exchange;
    this.name = name;
    this.codec = codec;
    this.held = new LocalWeightStream<>(name, maxVersions);
    this.publisher = new Publisher(exchange, name, this::held);
    exchange.execute(() -> exchange.add(publisher));
  }

  /** Encodes the weights on the caller's thread, which they may take long. */
  @Override
  public void publish(long version, W weights) {
    held.publish(version, weights);
    Parcel parcel;
    try {
      parcel = parcel(version, weights);
    } catch (RuntimeException e) {
      held.retire(version);
      throw e;
    }
    exchange.offer(new Resource(name, version), parcel);
    exchange.execute(
        () -> {
          publisher.announce();
          publisher.broadcast(version, parcel, exchange.now());
        });
  }

  private Parcel parcel(long version, W weights) {
    long length = codec.length(weights);
    long limit = exchange.config().maxVersionBytes();
    if (length > limit) {
      throw new IllegalStateException(
          "%s version %d has %d bytes, max-version-bytes is %d"
              .formatted(name, version, length, limit));
    }
    return Parcel.of(
        Parcel.encode(codec, weights, (int) length),
        exchange.channels().chunkBytes(),
        codec.hash(weights));
  }

  @Override
  public CompletionStage<W> fetch(long version) {
    return held.fetch(version);
  }

  @Override
  public void retire(long version) {
    held.retire(version);
    exchange.withdraw(new Resource(name, version));
    exchange.execute(publisher::announce);
  }

  @Override
  public Set<Long> versions() {
    return held.versions();
  }

  private long[] held() {
    return held.versions().stream().mapToLong(Long::longValue).toArray();
  }
}
