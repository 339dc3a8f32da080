package io.atelier.actors.transport.weights;

import io.atelier.actors.transport.aeron.TransportAgent;
import io.atelier.actors.transport.shm.SlotWriter;
import io.atelier.actors.transport.wire.Content;
import io.atelier.actors.transport.wire.Resource;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Versions of a stream that others take from here: kept in memory, in slots if this host shares
 * them, broadcast, and served to whoever asks. Thread-safe.
 */
final class Offer {

  /** Memory for a version that is not offered yet. */
  record Space(ByteBuffer bytes, Optional<SlotWriter.Taken> slot) {}

  private record Held(Content content, Space space) {}

  private final StreamRegistry registry;
  private final TransportAgent agent;
  private final String stream;
  private final Optional<SlotWriter> slots;
  private final Publisher publisher;
  private final SpareMemory spare = new SpareMemory();
  private final Map<Long, Held> held = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /**
   * @param slots where processes of this host find the versions, if they share them
   */
  Offer(StreamRegistry registry, String stream, Optional<SlotWriter> slots) {
    this.registry = registry;
    this.agent = registry.agent();
    this.stream = stream;
    this.slots = slots;
    this.publisher =
        new Publisher(agent, stream, this::versions, this::bytes, slots.map(SlotWriter::folder));
    agent.execute(() -> registry.add(publisher));
  }

  /** Memory to write {@code length} bytes into; it is either put, or given back. */
  Space space(int length) {
    Optional<SlotWriter.Taken> slot = slots.flatMap(s -> s.take(length));
    ByteBuffer bytes = slot.map(s -> s.slot().memory(length)).orElseGet(() -> spare.take(length));
    return new Space(bytes, slot);
  }

  /** Takes memory back that nobody uses any more. */
  void giveBack(Space space) {
    if (!closed) {
      space
          .slot()
          .ifPresentOrElse(
              slot -> slots.orElseThrow().giveBack(slot), () -> spare.giveBack(space.bytes()));
    }
  }

  /**
   * Offers a version. Its memory does not change until it is retired.
   *
   * @return false if it is offered already; then the memory is still the caller's
   */
  synchronized boolean put(long version, Space space, String hash) {
    if (closed || held.containsKey(version)) {
      return false;
    }
    int length = space.bytes().remaining();
    Content content = new Content(space.bytes(), agent.channels().chunkBytes(), hash);
    int session = agent.self().session();
    space.slot().ifPresent(s -> s.slot().publish(session, version, length, hash));
    Optional<SlotWriter.Taken> named = space.slot().map(s -> slots.orElseThrow().name(s, version));
    Held now = new Held(content, new Space(space.bytes(), named));
    registry.server().offer(new Resource(stream, version), content);
    held.put(version, now);
    agent.execute(
        () -> {
          publisher.announce();
          publisher.broadcast(version, content, agent.now());
        });
    return true;
  }

  /** Offers a version no more; one that is not offered is no error. */
  synchronized void retire(long version) {
    Held gone = held.remove(version);
    if (gone != null) {
      registry.server().withdraw(new Resource(stream, version), () -> letGo(gone));
    }
  }

  private void letGo(Held gone) {
    publisher.announce();
    giveBack(gone.space());
  }

  /** The versions that can be asked for, in ascending order. */
  long[] versions() {
    return held.keySet().stream().mapToLong(Long::longValue).sorted().toArray();
  }

  /** Bytes of the largest. */
  private long bytes() {
    return held.values().stream()
        .mapToLong(h -> h.content().description().length())
        .max()
        .orElse(0);
  }

  /** Takes everything back, and the slots from the file system. */
  synchronized void close() {
    closed = true;
    for (long version : versions()) {
      retire(version);
    }
    agent.execute(
        () -> {
          registry.remove(publisher);
          slots.ifPresent(SlotWriter::close);
        });
  }
}
