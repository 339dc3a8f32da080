package io.atelier.actors.transport;

import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * Versions of one set of weights, from one publisher to many workers. Thread-safe. That a worker
 * holds a version is proven apart from the stream: by the content hash of what it holds after
 * loading, which it sends to the conductor.
 *
 * @param <W> the weights
 */
public interface WeightStream<W> extends AutoCloseable {

  /**
   * Makes a version available; earlier ones stay until they are retired.
   *
   * @throws IllegalStateException if the version exists, or if too many are held
   */
  void publish(long version, W weights);

  /** The weights of a version, pulled if need be; fails if it does not exist or is retired. */
  CompletionStage<W> fetch(long version);

  /** Lets go of a version; one that is gone already is no error. */
  void retire(long version);

  /** The versions available, in ascending order. */
  Set<Long> versions();

  /** Lets go of all that is held here, and fails what is being fetched. */
  @Override
  default void close() {}
}
