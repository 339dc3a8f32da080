package io.atelier.actors.transport.blob;

import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.transport.BlobKind;
import io.atelier.actors.transport.BlobMissingException;
import io.atelier.actors.transport.BlobStore;
import io.atelier.actors.transport.BlobStoreFullException;
import io.atelier.actors.transport.MemoryBudget;
import io.atelier.actors.transport.aeron.Participant;
import io.atelier.actors.transport.aeron.TransportAgent;
import io.atelier.actors.transport.metrics.Tally;
import io.atelier.actors.transport.transfer.ChunkServer;
import io.atelier.actors.transport.transfer.Pulls;
import io.atelier.actors.transport.wire.Checksum;
import io.atelier.actors.transport.wire.Content;
import io.atelier.actors.transport.wire.DirectMemory;
import io.atelier.actors.transport.wire.Frame;
import io.atelier.actors.transport.wire.NodeName;
import io.atelier.actors.transport.wire.Resource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;

/**
 * A blob store that other nodes pull from. It keeps the encoded bytes only, outside the heap, and
 * decodes them for whoever asks on this node; what is pulled comes in such memory, too. All of it
 * counts against one {@link MemoryBudget}.
 */
public final class NetworkBlobStore implements BlobStore, Participant {
  private final TransportAgent agent;
  private final Pulls pulls;
  private final String node;
  private final MemoryBudget budget;
  private final Shelf shelf;

  public NetworkBlobStore(TransportAgent agent, Pulls pulls, ChunkServer server) {
    this.agent = agent;
    this.pulls = pulls;
    this.node = agent.self().toString();
    this.budget = new MemoryBudget(agent.config().maxBlobBytes());
    this.shelf = new Shelf(agent, server, budget);
    agent.handle(
        Frame.Type.RELEASE,
        (frame, now) -> {
          frame.payload().end();
          shelf.drop(frame.transfer());
        });
  }

  // ---------------------------------------------------------------- what is made here

  @Override
  public <T> BlobRef put(BlobKind<T> kind, T value) {
    long length = kind.codec().length(value);
    if (!shelf.awaitRoom(length)) {
      throw full(length);
    }
    return encoded(kind, value, length);
  }

  private BlobStoreFullException full(long length) {
    agent.tallies().add(Tally.NO_ROOM, 1);
    return new BlobStoreFullException(length, held(), limit());
  }

  @Override
  public <T> Optional<BlobRef> offer(BlobKind<T> kind, T value) {
    long length = kind.codec().length(value);
    if (budget.waiting() > 0 || !budget.keep(length)) {
      return Optional.empty();
    }
    BlobRef ref = encoded(kind, value, length);
    shelf.spare(ref.id());
    return Optional.of(ref);
  }

  /** Keeps a value, for which there is room. */
  private <T> BlobRef encoded(BlobKind<T> kind, T value, long length) {
    ByteBuffer memory = null;
    try {
      memory = DirectMemory.allocate(Math.toIntExact(length));
      Content.encode(kind.codec(), value, memory);
      int crc = Checksum.of(memory);
      return new BlobRef(node, shelf.add(memory), length, crc); // it is the shelf's from here on
    } catch (RuntimeException | Error e) {
      if (memory != null) {
        DirectMemory.free(memory);
      }
      budget.free(length);
      throw e;
    }
  }

  // ---------------------------------------------------------------- what others have

  @Override
  public <T> CompletionStage<T> fetch(BlobKind<T> kind, BlobRef ref) {
    if (ref.node().equals(node)) {
      return decoded(kind, ref);
    }
    if (ref.length() > limit()) {
      return CompletableFuture.failedFuture(full(ref.length()));
    }
    BlobArrival<T> arrival =
        new BlobArrival<>(ref, false, kind.codec()::decode, () -> budget.passed(ref.length()));
    if (!budget.pass(ref.length(), () -> pull(ref, arrival))) {
      agent.tallies().add(Tally.PUT_OFF, 1);
      shelf.clearSpare(ref.length());
    }
    return arrival.future();
  }

  /** Decodes where transfers are handed over, so that no actor waits for its neighbour's values. */
  private <T> CompletionStage<T> decoded(BlobKind<T> kind, BlobRef ref) {
    Optional<StoredBlob> found = shelf.use(ref.id());
    if (found.isEmpty()) {
      return CompletableFuture.failedFuture(new BlobMissingException(ref));
    }
    StoredBlob blob = found.get();
    try {
      return CompletableFuture.supplyAsync(() -> blob.decode(kind), agent.delivery())
          .whenComplete((value, error) -> blob.letGo());
    } catch (RejectedExecutionException e) {
      blob.letGo();
      return CompletableFuture.failedFuture(
          new BlobMissingException(ref, "the data plane is closed"));
    }
  }

  @Override
  public <T> CompletionStage<BlobRef> land(BlobKind<T> kind, BlobRef ref) {
    if (ref.node().equals(node)) {
      return CompletableFuture.completedFuture(ref);
    }
    if (!budget.keep(ref.length())) {
      shelf.clearSpare(ref.length()); // it is tried again
      return CompletableFuture.failedFuture(full(ref.length()));
    }
    BlobArrival<BlobRef> arrival =
        new BlobArrival<>(
            ref, true, bytes -> kept(kind, bytes, ref), () -> budget.free(ref.length()));
    pull(ref, arrival);
    return arrival.future();
  }

  /** Keeps what came, in the memory in which it came, if it is a value. */
  private BlobRef kept(BlobKind<?> kind, ByteBuffer memory, BlobRef ref) {
    kind.codec().decode(memory.duplicate().order(ByteOrder.LITTLE_ENDIAN));
    return new BlobRef(node, shelf.add(memory), ref.length(), ref.crc());
  }

  private void pull(BlobRef ref, BlobArrival<?> arrival) {
    Optional<NodeName> source = NodeName.find(ref.node());
    if (source.isEmpty()) {
      arrival.failed("that is no node of the data plane");
      return;
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
  }

  // ---------------------------------------------------------------- letting go

  /** Lets go of a blob. For one of another node this is a message, which may be lost. */
  @Override
  public void release(BlobRef ref) {
    if (ref.node().equals(node)) {
      shelf.drop(ref.id());
      return;
    }
    NodeName.find(ref.node())
        .ifPresent(
            owner ->
                agent.execute(() -> agent.send(owner, Frame.Type.RELEASE, ref.id(), new byte[0])));
  }

  @Override
  public void releaseAll() {
    shelf.dropAll();
  }

  /** On the agent thread, which sends no more. */
  @Override
  public void close() {
    shelf.close();
    agent.delivery().execute(budget::close);
  }

  @Override
  public boolean holds(BlobRef ref) {
    return ref.node().equals(node) && shelf.holds(ref.id());
  }

  @Override
  public MemoryBudget budget() {
    return budget;
  }

  /** Bytes of the blobs that are here. */
  public long held() {
    return shelf.held();
  }
}
