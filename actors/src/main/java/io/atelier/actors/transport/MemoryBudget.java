package io.atelier.actors.transport;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The memory that a node has for what is made, fetched and waited with, in bytes: one limit for
 * blobs that are kept here, for those that are on their way here, and for what a caller claims.
 * Thread-safe.
 *
 * <p>What stays is let in only if there is room. What passes, to be read and let go of, waits in
 * line for room; while nothing else passes, the first in line goes on even so. A full store often
 * gets room only by such a reading: images are released when they are scored elsewhere, a step when
 * gradients have come. Without that rule two full nodes would wait for each other for ever. So the
 * most that is taken is the limit and the largest blob.
 */
public final class MemoryBudget {
  private record Waiting(long bytes, Runnable go) {}

  private final long limit;
  private final Deque<Waiting> line = new ArrayDeque<>();
  private long kept;
  private long passing;

  public MemoryBudget(long limit) {
    this.limit = limit;
  }

  public long limit() {
    return limit;
  }

  /** Bytes of what stays. */
  public synchronized long kept() {
    return kept;
  }

  /** Bytes of what passes at this moment. */
  public synchronized long passing() {
    return passing;
  }

  /** How many wait in line. */
  public synchronized int waiting() {
    return line.size();
  }

  /** Bytes that are left; negative while one passes for which there was no room. */
  public synchronized long free() {
    return limit - kept - passing;
  }

  /** Takes bytes for something that stays until {@link #free(long)}; false if there is no room. */
  public synchronized boolean keep(long bytes) {
    if (bytes > free()) {
      return false;
    }
    kept += bytes;
    return true;
  }

  /** Gives back what was kept; whoever can go on now does so on this thread. */
  public void free(long bytes) {
    List<Runnable> next;
    synchronized (this) {
      kept -= bytes;
      next = admit();
    }
    next.forEach(Runnable::run);
  }

  /**
   * Takes bytes for something that passes, until {@link #passed}.
   *
   * @param go what is done once it has them, now or later, on the thread that gave some back
   * @return whether it was done now
   */
  public boolean pass(long bytes, Runnable go) {
    synchronized (this) {
      if (!line.isEmpty() || !admits(bytes)) {
        line.add(new Waiting(bytes, go));
        return false;
      }
      passing += bytes;
    }
    go.run();
    return true;
  }

  /** Gives back what has passed; whoever can go on now does so on this thread. */
  public void passed(long bytes) {
    List<Runnable> next;
    synchronized (this) {
      passing -= bytes;
      next = admit();
    }
    next.forEach(Runnable::run);
  }

  /** Lets all go on that wait: they will find out themselves that all is over. */
  public void close() {
    List<Runnable> all = new ArrayList<>();
    synchronized (this) {
      for (Waiting waiting : line) {
        passing += waiting.bytes();
        all.add(waiting.go());
      }
      line.clear();
    }
    all.forEach(Runnable::run);
  }

  private boolean admits(long bytes) {
    return passing == 0 || bytes <= free();
  }

  private List<Runnable> admit() {
    List<Runnable> next = new ArrayList<>();
    while (!line.isEmpty() && admits(line.peek().bytes())) {
      Waiting waiting = line.remove();
      passing += waiting.bytes();
      next.add(waiting.go());
    }
    return next;
  }
}
