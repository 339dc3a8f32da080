package io.atelier.actors.transport.blob;

import io.atelier.actors.transport.MemoryBudget;
import io.atelier.actors.transport.aeron.TransportAgent;
import io.atelier.actors.transport.transfer.ChunkServer;
import io.atelier.actors.transport.wire.Resource;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The blobs of a node by number. One that is dropped is no longer served or found; its memory is
 * given back, and its room is free, when the agent thread has let go of it, a moment later.
 * Thread-safe.
 */
final class Shelf {

  /** Times that somebody waits for the agent thread to let go of what was dropped. */
  private static final int WAITS = 20;

  private static final long WAIT_MILLIS = 50;

  private final TransportAgent agent;
  private final ChunkServer server;
  private final MemoryBudget budget;
  private final Map<Long, StoredBlob> blobs = new HashMap<>();

  /** What can be done without, oldest first. */
  private final Set<Long> spare = new LinkedHashSet<>();

  private long lastId;
  private long held;

  /** Bytes of what was dropped and still has its memory. */
  private long leaving;

  Shelf(TransportAgent agent, ChunkServer server, MemoryBudget budget) {
    this.agent = agent;
    this.server = server;
    this.budget = budget;
  }

  /**
   * Takes room for a blob. Drops what can be done without, and waits a moment for what is dropped
   * already; not for the agent thread.
   *
   * @return false if there is none
   */
  synchronized boolean awaitRoom(long length) {
    for (int i = 0; i < WAITS; i++) {
      if (budget.keep(length)) {
        return true;
      }
      if (!clearSpare(length)) {
        return false;
      }
      try {
        wait(WAIT_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return budget.keep(length);
  }

  /**
   * Drops what can be done without, oldest first, until there is room or will be in a moment; false
   * if that is not enough.
   */
  synchronized boolean clearSpare(long length) {
    while (budget.free() + leaving < length) {
      if (spare.isEmpty()) {
        return false;
      }
      drop(spare.iterator().next());
    }
    return true;
  }

  /**
   * Keeps a blob, for which room was taken; its number.
   *
   * @param memory belongs to the shelf from now on
   */
  synchronized long add(ByteBuffer memory) {
    StoredBlob blob = new StoredBlob(memory, agent.channels().chunkBytes(), this::freed);
    blobs.put(++lastId, blob);
    held += blob.length();
    // before anybody can drop it, lest it is offered when its memory is gone
    server.offer(Resource.blob(lastId), blob.content());
    return lastId;
  }

  /** It can be done without. */
  synchronized void spare(long id) {
    spare.add(id);
  }

  /** A blob, for a user more, who has to let go of it. */
  synchronized Optional<StoredBlob> use(long id) {
    return Optional.ofNullable(blobs.get(id)).map(StoredBlob::use);
  }

  synchronized boolean holds(long id) {
    return blobs.containsKey(id);
  }

  synchronized long held() {
    return held;
  }

  void drop(long id) {
    StoredBlob blob = remove(id);
    if (blob != null && !server.withdraw(Resource.blob(id), blob::letGo)) {
      freed(blob.length()); // the data plane is closed; the memory goes with the last reference
    }
  }

  private synchronized StoredBlob remove(long id) {
    StoredBlob blob = blobs.remove(id);
    spare.remove(id);
    if (blob != null) {
      held -= blob.length();
      leaving += blob.length();
    }
    return blob;
  }

  void dropAll() {
    ids().forEach(this::drop);
  }

  private synchronized List<Long> ids() {
    return List.copyOf(blobs.keySet());
  }

  /** Gives all memory back; on the agent thread, which sends no more. */
  void close() {
    for (long id : ids()) {
      StoredBlob blob = remove(id);
      if (blob != null) {
        agent.drop(blob.content());
        blob.letGo();
      }
    }
  }

  private void freed(long length) {
    synchronized (this) {
      leaving -= length;
    }
    budget.free(length);
    synchronized (this) {
      notifyAll();
    }
  }
}
