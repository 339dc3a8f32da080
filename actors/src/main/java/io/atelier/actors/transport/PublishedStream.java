package io.atelier.actors.transport;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** A weight stream that is published here: kept, broadcast, and served to whoever asks. */
final class PublishedStream<W> implements WeightStream<W> {
  private record Encoded(Parcel parcel, Optional<SlotWriter.Taken> slot) {}

  private final Exchange exchange;
  private final String name;
  private final WeightCodec<W> codec;
  private final LocalWeightStream<W> held;
  private final Publisher publisher;
  private final Optional<SlotWriter> slots;
  private final Map<Long, Encoded> parcels = new ConcurrentHashMap<>();

  /**
   * @param slots where processes of this host find the versions, if they share them
   */
  PublishedStream(
      Exchange exchange,
      String name,
      WeightCodec<W> codec,
      int maxVersions,
      Optional<SlotWriter> slots) {
    if (maxVersions < 1 || maxVersions > Announcement.MAX_VERSIONS) {
      throw new IllegalArgumentException(
          "%s would hold %d versions, must be 1 to %d"
              .formatted(name, maxVersions, Announcement.MAX_VERSIONS));
    }
    this.exchange = exchange;
    this.name = name;
    this.codec = codec;
    this.slots = slots;
    this.held = new LocalWeightStream<>(name, maxVersions);
    this.publisher = new Publisher(exchange, name, this::offered, slots.map(SlotWriter::folder));
    exchange.execute(() -> exchange.add(publisher));
  }

  /** Encodes the weights on the caller's thread, which may take long. */
  @Override
  public void publish(long version, W weights) {
    held.publish(version, weights);
    Encoded encoded;
    try {
      encoded = encode(version, weights);
    } catch (RuntimeException e) {
      held.retire(version);
      throw e;
    }
    exchange.offer(new Resource(name, version), encoded.parcel());
    parcels.put(version, encoded);
    exchange.execute(
        () -> {
          publisher.announce();
          publisher.broadcast(version, encoded.parcel(), exchange.now());
        });
  }

  private Encoded encode(long version, W weights) {
    long length = codec.length(weights);
    long limit = exchange.config().maxVersionBytes();
    if (length > limit) {
      throw new IllegalStateException(
          "%s version %d has %d bytes, max-version-bytes is %d"
              .formatted(name, version, length, limit));
    }
    String hash = codec.hash(weights);
    Optional<SlotWriter.Taken> slot = slots.flatMap(s -> s.take((int) length));
    ByteBuffer bytes =
        slot.map(s -> s.slot().memory((int) length)).orElseGet(() -> Parcel.memory((int) length));
    try {
      Parcel.encode(codec, weights, bytes);
    } catch (RuntimeException e) {
      slot.ifPresent(this::giveBack);
      throw e;
    }
    slot.ifPresent(s -> s.slot().publish(exchange.self().session(), version, (int) length, hash));
    Parcel parcel = new Parcel(bytes, exchange.channels().chunkBytes(), hash);
    return new Encoded(parcel, slot.map(s -> slots.orElseThrow().name(s, version)));
  }

  @Override
  public CompletionStage<W> fetch(long version) {
    return held.fetch(version);
  }

  @Override
  public void retire(long version) {
    held.retire(version);
    Encoded encoded = parcels.remove(version);
    if (encoded != null) {
      exchange.withdraw(new Resource(name, version), encoded.parcel(), () -> letGo(encoded));
    }
  }

  @Override
  public Set<Long> versions() {
    return held.versions();
  }

  private void letGo(Encoded encoded) {
    publisher.announce();
    encoded.slot().ifPresent(this::giveBack);
  }

  private void giveBack(SlotWriter.Taken slot) {
    slots.orElseThrow().giveBack(slot);
  }

  /** The versions that can be asked for: not one that is still being encoded. */
  private long[] offered() {
    return parcels.keySet().stream().mapToLong(Long::longValue).sorted().toArray();
  }
}
