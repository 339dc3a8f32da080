package io.atelier.actors.transport.weights;

import static io.atelier.actors.transport.TransportLog.LOG;

import io.atelier.actors.transport.MalformedException;
import io.atelier.actors.transport.WeightCodec;
import io.atelier.actors.transport.WeightStream;
import io.atelier.actors.transport.aeron.TransportAgent;
import io.atelier.actors.transport.wire.NodeName;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A weight stream that another node publishes. The newest version comes by itself; an older one
 * comes when it is fetched, as long as the publisher has it.
 */
final class FollowedStream<W> implements WeightStream<W>, VersionHolder {

  private final StreamRegistry registry;
  private final TransportAgent agent;
  private final String name;
  private final NodeName publisher;
  private final WeightCodec<W> codec;
  private final Follower follower;
  private final Optional<Offer> relay;
  private final Runnable onClose;
  private final TreeMap<Long, W> landed = new TreeMap<>();
  private final Map<Long, List<CompletableFuture<W>>> asked = new HashMap<>();
  private boolean closed;

  /**
   * @param relay where what comes over the network is offered to others
   */
  FollowedStream(
      StreamRegistry registry,
      String name,
      NodeName publisher,
      WeightCodec<W> codec,
      Optional<Offer> relay,
      Runnable onClose) {
    this.registry = registry;
    this.agent = registry.agent();
    this.name = name;
    this.publisher = publisher;
    this.codec = codec;
    this.onClose = onClose;
    this.follower = new Follower(registry, publisher, name, relay, this);
    this.relay = relay;
    agent.execute(() -> registry.add(follower));
  }

  @Override
  public void publish(long version, W weights) {
    throw new UnsupportedOperationException(
        "%s is published by %s, not here".formatted(name, publisher));
  }

  @Override
  public CompletionStage<W> fetch(long version) {
    CompletableFuture<W> future = new CompletableFuture<>();
    synchronized (this) {
      W weights = landed.get(version);
      if (weights != null) {
        return CompletableFuture.completedFuture(weights);
      }
      if (closed) {
        return CompletableFuture.failedFuture(unavailable(version, "this stream is closed"));
      }
      asked.computeIfAbsent(version, v -> new ArrayList<>()).add(future);
    }
    if (!agent.execute(() -> follower.want(version, agent.now()))) {
      failed(version, "the data plane is closed");
    }
    return future;
  }

  @Override
  public synchronized void retire(long version) {
    landed.remove(version);
  }

  @Override
  public synchronized Set<Long> versions() {
    return new TreeSet<>(landed.keySet());
  }

  @Override
  public void close() {
    List<Long> open;
    synchronized (this) {
      closed = true;
      landed.clear();
      open = List.copyOf(asked.keySet());
    }
    open.forEach(version -> failed(version, "this stream is closed"));
    agent.execute(() -> registry.remove(follower));
    relay.ifPresent(Offer::close);
    onClose.run();
  }

  // ---------------------------------------------------------------- what the follower says

  @Override
  public void landed(long version, ByteBuffer bytes, String hash) {
    W weights;
    try {
      weights = codec.decode(bytes);
      String held = codec.hash(weights);
      if (!held.equals(hash)) {
        throw new MalformedException("its hash is %s, not %s".formatted(held, hash));
      }
    } catch (RuntimeException | Error e) {
      LOG.error("{} version {} cannot be used", name, version, e);
      throw new MalformedException("what came cannot be used: " + e);
    }
    for (CompletableFuture<W> future : keep(version, weights)) {
      future.complete(weights);
    }
  }

  private synchronized List<CompletableFuture<W>> keep(long version, W weights) {
    if (!closed) {
      landed.put(version, weights);
    }
    List<CompletableFuture<W>> waiting = asked.remove(version);
    return waiting == null ? List.of() : waiting;
  }

  @Override
  public void failed(long version, String reason) {
    List<CompletableFuture<W>> waiting;
    synchronized (this) {
      waiting = asked.remove(version);
    }
    IllegalStateException error = unavailable(version, reason);
    if (waiting == null) {
      // nobody waits for it; whoever fetches it later asks again, and is told
      LOG.debug(error.getMessage());
    } else {
      waiting.forEach(future -> future.completeExceptionally(error));
    }
  }

  private IllegalStateException unavailable(long version, String reason) {
    return new IllegalStateException(
        "%s version %d is not available from %s: %s".formatted(name, version, publisher, reason));
  }

  @Override
  public synchronized boolean isAskedFor(long version) {
    return asked.containsKey(version);
  }

  @Override
  public synchronized void retain(long[] versions) {
    long last = versions[versions.length - 1];
    landed.keySet().removeIf(held -> held <= last && Arrays.binarySearch(versions, held) < 0);
  }
}
