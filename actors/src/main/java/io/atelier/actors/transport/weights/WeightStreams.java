package io.atelier.actors.transport.weights;

import io.atelier.actors.transport.WeightCodec;
import io.atelier.actors.transport.WeightStream;
import io.atelier.actors.transport.aeron.TransportAgent;
import io.atelier.actors.transport.shm.MemoryFolder;
import io.atelier.actors.transport.shm.SlotWriter;
import io.atelier.actors.transport.wire.NodeName;
import io.atelier.actors.transport.wire.Resource;
import io.atelier.actors.transport.wire.WireWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The weight streams that a node publishes and receives, by name. Thread-safe. */
public final class WeightStreams {
  private final StreamRegistry registry;
  private final TransportAgent agent;
  private final Path folder;
  private final long keptBytes;
  private final Map<String, WeightStream<?>> published = new HashMap<>();
  private final Map<String, WeightStream<?>> followed = new HashMap<>();
  private int slotFolders;

  /**
   * @param folder in which slots are made
   * @param keptBytes of its file system that are not for slots
   */
  public WeightStreams(StreamRegistry registry, Path folder, long keptBytes) {
    this.registry = registry;
    this.agent = registry.agent();
    this.folder = folder;
    this.keptBytes = keptBytes;
  }

  /**
   * A stream that is published here.
   *
   * @param name at most 119 bytes of UTF-8, not empty
   * @param maxVersions held at once, 1 to 64
   * @throws IllegalStateException if it is published already
   */
  public synchronized <W> WeightStream<W> publisher(
      String name, WeightCodec<W> codec, int maxVersions) {
    requireName(name);
    if (published.containsKey(name)) {
      throw new IllegalStateException(name + " is published here already");
    }
    WeightStream<W> stream = new PublishedStream<>(registry, name, codec, maxVersions, newSlots());
    published.put(name, stream);
    return stream;
  }

  /**
   * A stream that {@code publisherNode} publishes; if that is this node, the published stream
   * itself. Asking again gives the same stream, until it is closed.
   *
   * @throws IllegalStateException if it should be published here and is not
   */
  public synchronized <W> WeightStream<W> receiver(
      String name, String publisherNode, WeightCodec<W> codec) {
    requireName(name);
    if (publisherNode.equals(agent.self().toString())) {
      if (!published.containsKey(name)) {
        throw new IllegalStateException(name + " is not published here");
      }
      return cast(published.get(name));
    }
    NodeName publisher = NodeName.parse(publisherNode);
    String key = name + "@" + publisherNode;
    return cast(
        followed.computeIfAbsent(
            key,
            k ->
                new FollowedStream<>(
                    registry, name, publisher, codec, relay(name, publisher), () -> forget(key))));
  }

  /** What this node receives it offers to others, unless they are as near to the publisher. */
  private Optional<Offer> relay(String name, NodeName publisher) {
    return publisher.host().equals(agent.self().host())
        ? Optional.empty()
        : Optional.of(new Offer(registry, Resource.relayed(name, publisher), newSlots()));
  }

  private Optional<SlotWriter> newSlots() {
    return agent.config().shareOnHost() && MemoryFolder.isInMemory()
        ? Optional.of(new SlotWriter(folder.resolve("slots-" + slotFolders++), keptBytes))
        : Optional.empty();
  }

  private synchronized void forget(String key) {
    followed.remove(key);
  }

  /** The caller names the codec of a stream, and with it the type. */
  @SuppressWarnings("unchecked")
  private static <W> WeightStream<W> cast(WeightStream<?> stream) {
    return (WeightStream<W>) stream;
  }

  private static void requireName(String name) {
    if (name.isEmpty() || WireWriter.length(name) - Integer.BYTES > Resource.MAX_STREAM_BYTES) {
      throw new IllegalArgumentException(
          "stream \"%s\" must be named by 1 to %d bytes"
              .formatted(name, Resource.MAX_STREAM_BYTES));
    }
  }
}
