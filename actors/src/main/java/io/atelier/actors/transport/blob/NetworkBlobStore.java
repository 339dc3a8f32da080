package io.atelier.actors.transport.blob;

import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.transport.BlobKind;
import io.atelier.actors.transport.BlobMissingException;
import io.atelier.actors.transport.BlobStore;
import io.atelier.actors.transport.BlobStoreFullException;
import io.atelier.actors.transport.aeron.TransportAgent;
import io.atelier.actors.transport.transfer.ChunkServer;
import io.atelier.actors.transport.transfer.Pull;
import io.atelier.actors.transport.transfer.Pulls;
import io.atelier.actors.transport.wire.Checksum;
import io.atelier.actors.transport.wire.Content;
import io.atelier.actors.transport.wire.Description;
import io.atelier.actors.transport.wire.Frame;
import io.atelier.actors.transport.wire.NodeName;
import io.atelier.actors.transport.wire.Resource;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A blob store that other nodes pull from. A reference to a blob of this node resolves to the very
 * object. The limit counts encoded bytes; the values take about as much again.
 */
public final class NetworkBlobStore implements BlobStore {
  private record Kept(Object value, long length) {}

  private final TransportAgent agent;
  private final Pulls pulls;
  private final ChunkServer server;
  private final String node;
  private final long limit;
  private final Map<Long, Kept> values = new HashMap<>();

  /** What can be done without, oldest first. */
  private final Set<Long> spare = new LinkedHashSet<>();

  private long lastId;
  private long held;

  public NetworkBlobStore(TransportAgent agent, Pulls pulls, ChunkServer server) {
    this.agent = agent;
    this.pulls = pulls;
    this.server = server;
    this.node = agent.self().toString();
    this.limit = agent.config().maxBlobBytes();
    agent.handle(
        Frame.Type.RELEASE,
        (frame, now) -> {
          frame.payload().end();
          drop(frame.transfer());
        });
  }

  @Override
  public <T> BlobRef put(BlobKind<T> kind, T value) {
    long length = kind.codec().length(value);
    reserve(length);
    return kept(kind, value, length);
  }

  @Override
  public <T> Optional<BlobRef> offer(BlobKind<T> kind, T value) {
    long length = kind.codec().length(value);
    if (!reserved(length)) {
      return Optional.empty();
    }
    BlobRef ref = kept(kind, value, length);
    synchronized (this) {
      spare.add(ref.id());
    }
    return Optional.of(ref);
  }

  /** Keeps a value for which there is room. */
  private <T> BlobRef kept(BlobKind<T> kind, T value, long length) {
    Content content;
    int crc;
    try {
      ByteBuffer bytes = Content.memory((int) length);
      Content.encode(kind.codec(), value, bytes);
      crc = Checksum.of(bytes);
      content = new Content(bytes, agent.channels().chunkBytes(), "");
    } catch (RuntimeException e) {
      unreserve(length);
      throw e;
    }
    long id = keep(new Kept(value, length));
    server.offer(Resource.blob(id), content);
    return new BlobRef(node, id, length, crc);
  }

  private synchronized void reserve(long length) {
    while (length > limit - held && !spare.isEmpty()) {
      drop(spare.iterator().next());
    }
    if (!reserved(length)) {
      throw new BlobStoreFullException(length, held, limit);
    }
  }

  private synchronized boolean reserved(long length) {
    if (length > Math.min(limit - held, Description.MAX_BYTES)) {
      return false;
    }
    held += length;
    return true;
  }

  private synchronized void unreserve(long length) {
    held -= length;
  }

  private synchronized long keep(Kept kept) {
    values.put(++lastId, kept);
    return lastId;
  }

  @Override
  public <T> CompletionStage<T> fetch(BlobKind<T> kind, BlobRef ref) {
    if (ref.node().equals(node)) {
      Object value = get(ref.id());
      return value == null
          ? CompletableFuture.failedFuture(new BlobMissingException(ref))
          : CompletableFuture.completedFuture(kind.type().cast(value));
    }
    CompletableFuture<T> future = new CompletableFuture<>();
    Arrival<T> arrival = new Arrival<>(kind, ref, future);
    Optional<NodeName> source = NodeName.find(ref.node());
    if (source.isEmpty()) {
      arrival.failed("that is no node of the data plane");
      return future;
    }
    boolean running =
        agent.execute(
            () -> {
              long now = agent.now();
              Resource blob = Resource.blob(ref.id());
              pulls.start(pulls.newPull(source.get(), blob, ref.length(), arrival, now), now);
            });
    if (!running) {
      arrival.failed("the data plane is closed");
    }
    return future;
  }

  private synchronized Object get(long id) {
    Kept kept = values.get(id);
    return kept == null ? null : kept.value();
  }

  /** Lets go of a blob. For one of another node this is a message, which may be lost. */
  @Override
  public void release(BlobRef ref) {
    if (ref.node().equals(node)) {
      drop(ref.id());
      return;
    }
    NodeName.find(ref.node())
        .ifPresent(
            owner ->
                agent.execute(() -> agent.send(owner, Frame.Type.RELEASE, ref.id(), new byte[0])));
  }

  @Override
  public void releaseAll() {
    List<Long> all;
    synchronized (this) {
      all = List.copyOf(values.keySet());
    }
    all.forEach(this::drop);
  }

  private synchronized void drop(long id) {
    Kept kept = values.remove(id);
    spare.remove(id);
    if (kept != null) {
      held -= kept.length();
      server.withdraw(Resource.blob(id), () -> {});
    }
  }

  /** Bytes that may be held. */
  @Override
  public synchronized boolean holds(BlobRef ref) {
    return ref.node().equals(node) && values.containsKey(ref.id());
  }

  @Override
  public long limit() {
    return limit;
  }

  /** Bytes held now. */
  public synchronized long held() {
    return held;
  }

  /** Checks and decodes what came, and hands it over. */
  private record Arrival<T>(BlobKind<T> kind, BlobRef ref, CompletableFuture<T> future)
      implements Pull.Target {

    @Override
    public void landed(ByteBuffer bytes, String hash) {
      int crc = Checksum.of(bytes);
      if (bytes.remaining() != ref.length() || crc != ref.crc()) {
        failed(
            "%d bytes with CRC32C %08x came instead of %d with %08x"
                .formatted(bytes.remaining(), crc, ref.length(), ref.crc()));
        return;
      }
      T value;
      try {
        value = kind.codec().decode(bytes);
      } catch (RuntimeException | Error e) {
        failed("what came cannot be used: " + e);
        return;
      }
      future.complete(value);
    }

    @Override
    public void failed(String reason) {
      future.completeExceptionally(new BlobMissingException(ref, reason));
    }
  }
}
