package io.atelier.actors.transport.weights;

import io.atelier.actors.transport.WeightStream;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A weight stream within one JVM: every worker gets the very object that was published. */
public final class LocalWeightStream<W> implements WeightStream<W> {
  private final String name;
  private final int limit;
  private final SortedMap<Long, W> versions = new TreeMap<>();

  /**
   * @param name for errors
   * @param limit versions held at most
   */
  public LocalWeightStream(String name, int limit) {
    this.name = name;
    this.limit = limit;
  }

  @Override
  public synchronized void publish(long version, W weights) {
    if (versions.size() == limit) {
      throw new IllegalStateException(
          "%s version %d does not fit: the versions %s are still needed, and the limit is %d"
              .formatted(name, version, versions.keySet(), limit));
    }
    if (versions.putIfAbsent(version, weights) != null) {
      throw new IllegalStateException(
          "%s version %d was published before".formatted(name, version));
    }
  }

  @Override
  public synchronized CompletionStage<W> fetch(long version) {
    W weights = versions.get(version);
    return weights == null
        ? CompletableFuture.failedFuture(
            new IllegalStateException(
                "%s version %d is not available, only %s"
                    .formatted(name, version, versions.keySet())))
        : CompletableFuture.completedFuture(weights);
  }

  @Override
  public synchronized void retire(long version) {
    versions.remove(version);
  }

  @Override
  public synchronized Set<Long> versions() {
    return new TreeSet<>(versions.keySet());
  }
}
