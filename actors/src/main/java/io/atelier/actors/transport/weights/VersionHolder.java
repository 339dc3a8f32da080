package io.atelier.actors.transport.weights;

import io.atelier.actors.transport.MalformedException;
import java.nio.ByteBuffer;

/** Keeps the versions that a {@link Follower} received. Thread-safe. */
interface VersionHolder {
  /**
   * A version is here; not called on the agent thread.
   *
   * @throws MalformedException if it cannot be used
   */
  void landed(long version, ByteBuffer bytes, String hash);

  /** A version cannot be had; not called on the agent thread. */
  void failed(long version, String reason);

  /** Whether somebody waits for a version that is not here. */
  boolean isAskedFor(long version);

  /**
   * Drops what the publisher retired.
   *
   * @param versions available, in ascending order, at least one
   */
  void retain(long[] versions);
}
