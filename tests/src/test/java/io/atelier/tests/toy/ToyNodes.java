package io.atelier.tests.toy;

import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.ledger.model.Weights;
import io.atelier.actors.port.LocalTransport;
import io.atelier.actors.port.Transport;
import io.atelier.actors.transport.BlobKind;
import io.atelier.actors.transport.BlobMissingException;
import io.atelier.actors.transport.BlobStore;
import io.atelier.actors.transport.MemoryBudget;
import io.atelier.actors.transport.RunKey;
import io.atelier.actors.transport.WeightStream;
import io.atelier.actors.transport.blob.LocalBlobStore;
import io.atelier.models.state.NamedTensors;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** Nodes of one JVM: each keeps its own blobs, and gets those of the others. */
public final class ToyNodes {
  private final long maxBlobBytes;
  private final boolean losesOffers;
  private final LocalTransport streams = new LocalTransport(0);
  private final Map<String, LocalBlobStore> stores = new ConcurrentHashMap<>();

  /**
   * @param losesOffers whether what can be done without is gone when it is fetched
   */
  ToyNodes(long maxBlobBytes, boolean losesOffers) {
    this.maxBlobBytes = maxBlobBytes;
    this.losesOffers = losesOffers;
  }

  Transport node(String name) {
    stores.put(name, new LocalBlobStore(name, maxBlobBytes));
    return new Node(name);
  }

  /** Bytes that a node keeps. */
  public long held(String name) {
    return stores.get(name).held();
  }

  private final class Node implements Transport, BlobStore {
    private final String name;

    private Node(String name) {
      this.name = name;
    }

    @Override
    public String node() {
      return name;
    }

    @Override
    public BlobStore blobs() {
      return this;
    }

    @Override
    public void key(RunKey shared) {}

    @Override
    public WeightStream<NamedTensors> publish(Weights weights, int epoch, int versions) {
      return streams.publish(weights, epoch, versions);
    }

    @Override
    public WeightStream<NamedTensors> follow(Weights weights, int epoch, String publisher) {
      return streams.follow(weights, epoch, publisher);
    }

    @Override
    public <T> BlobRef put(BlobKind<T> kind, T value) {
      return stores.get(name).put(kind, value);
    }

    @Override
    public <T> Optional<BlobRef> offer(BlobKind<T> kind, T value) {
      Optional<BlobRef> offered = stores.get(name).offer(kind, value);
      if (losesOffers) {
        offered.ifPresent(this::release);
      }
      return offered;
    }

    @Override
    public <T> CompletionStage<T> fetch(BlobKind<T> kind, BlobRef ref) {
      return owner(ref)
          .map(store -> store.fetch(kind, ref))
          .orElseGet(() -> CompletableFuture.failedFuture(new BlobMissingException(ref)));
    }

    @Override
    public <T> CompletionStage<BlobRef> land(BlobKind<T> kind, BlobRef ref) {
      return ref.node().equals(name)
          ? CompletableFuture.completedFuture(ref)
          : fetch(kind, ref).thenApply(value -> put(kind, value));
    }

    @Override
    public MemoryBudget budget() {
      return stores.get(name).budget();
    }

    @Override
    public void release(BlobRef ref) {
      owner(ref).ifPresent(store -> store.release(ref));
    }

    @Override
    public void releaseAll() {
      stores.get(name).releaseAll();
    }

    @Override
    public boolean holds(BlobRef ref) {
      return stores.get(name).holds(ref);
    }

    @Override
    public long limit() {
      return stores.get(name).limit();
    }

    private Optional<LocalBlobStore> owner(BlobRef ref) {
      return Optional.ofNullable(stores.get(ref.node()));
    }
  }
}
