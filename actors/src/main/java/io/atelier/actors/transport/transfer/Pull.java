package io.atelier.actors.transport.transfer;

import io.atelier.actors.transport.MalformedException;
import io.atelier.actors.transport.wire.Description;
import io.atelier.actors.transport.wire.Frame;
import io.atelier.actors.transport.wire.NodeName;
import io.atelier.actors.transport.wire.Request;
import io.atelier.actors.transport.wire.Resource;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A resource on its way here: its memory, which chunks have landed in it, and which were asked for.
 * Belongs to the agent thread until it is done.
 */
public final class Pull {

  /** Whom it is for. Told once, and not on the agent thread. */
  public interface Target {
    /** Memory for the bytes; called on the agent thread. */
    ByteBuffer memory(int length);

    /** All bytes are here, each chunk as its sender described it. */
    void landed(ByteBuffer bytes, String hash);

    void failed(String reason);
  }

  private final long id;
  private final NodeName source;
  private final Resource resource;
  private final long maxBytes;
  private final Target target;
  private final BitSet landed = new BitSet();
  private Description description;
  private ByteBuffer bytes;
  private UnsafeBuffer memory;
  private int missing;
  private int asked;
  private int outstanding;
  private long lastProgress;
  private long lastRequest;
  private boolean listening;

  /**
   * @param maxBytes length beyond which it is refused
   */
  Pull(long id, NodeName source, Resource resource, long maxBytes, Target target, long now) {
    this.id = id;
    this.source = source;
    this.resource = resource;
    this.maxBytes = maxBytes;
    this.target = target;
    this.lastProgress = now;
    this.lastRequest = now;
  }

  long id() {
    return id;
  }

  NodeName source() {
    return source;
  }

  Resource resource() {
    return resource;
  }

  public Target target() {
    return target;
  }

  /** True while chunks are broadcast, so that nothing has to be asked for. */
  boolean isListening() {
    return listening;
  }

  void listen(boolean listen) {
    listening = listen;
  }

  boolean isDescribed() {
    return description != null;
  }

  public boolean isComplete() {
    return isDescribed() && missing == 0;
  }

  ByteBuffer bytes() {
    return bytes;
  }

  Description description() {
    return description;
  }

  /** When something of it last arrived, in nanoseconds. */
  long lastProgress() {
    return lastProgress;
  }

  /** When something of it last arrived or was last asked for, in nanoseconds. */
  long lastMove() {
    return Math.max(lastProgress, lastRequest);
  }

  void describe(Description what, long now) {
    if (description != null) {
      return; // what says nothing new keeps no transfer alive
    }
    lastProgress = now;
    if (what.length() > maxBytes) {
      throw new MalformedException(
          "%s has %d bytes, at most %d are expected".formatted(resource, what.length(), maxBytes));
    }
    description = what;
    bytes = target.memory(what.length());
    memory = new UnsafeBuffer(bytes);
    missing = what.chunks();
  }

  /**
   * Lands a chunk that is not here yet.
   *
   * @return whether it has landed now
   * @throws MalformedException if it is no chunk of this resource
   */
  boolean land(Frame frame, long now) {
    if (!isDescribed()) {
      return false; // its description was lost, and will be asked for again
    }
    int chunk = chunk(frame);
    if (landed.get(chunk)) {
      return false;
    }
    frame.copyPayload(memory, description.offset(chunk));
    landed.set(chunk);
    missing--;
    outstanding = Math.max(0, outstanding - 1);
    lastProgress = now;
    return true;
  }

  /**
   * The number of a chunk.
   *
   * @throws MalformedException if it is no chunk of this resource
   */
  private int chunk(Frame frame) {
    long position = frame.position();
    long chunk = position / description.chunkBytes();
    if (position < 0
        || position % description.chunkBytes() != 0
        || chunk >= description.chunks()
        || frame.payloadLength() != description.length((int) chunk)) {
      throw new MalformedException(
          "%d bytes at %d are no chunk of %s: %s"
              .formatted(frame.payloadLength(), position, resource, description));
    }
    return (int) chunk;
  }

  /** The first chunks, before it is known how many there are. */
  int[] first(int window, long now) {
    lastRequest = now;
    asked = window;
    outstanding = window;
    return new int[] {0, window};
  }

  /** The next chunks that are not here, if half of those asked for are; first and count in turn. */
  int[] next(int window, long now) {
    if (asked >= description.chunks() || outstanding > window / 2) {
      return new int[0];
    }
    List<Integer> ranges = new ArrayList<>();
    int from = landed.nextClearBit(asked);
    while (from < description.chunks()
        && outstanding < window
        && ranges.size() < 2 * Request.MAX_RANGES) {
      int taken = landed.nextSetBit(from);
      int until = Math.min(taken < 0 ? description.chunks() : taken, from + window - outstanding);
      ranges.add(from);
      ranges.add(until - from);
      outstanding += until - from;
      asked = until;
      from = landed.nextClearBit(until);
    }
    lastRequest = now;
    return ranges.stream().mapToInt(Integer::intValue).toArray();
  }

  /** What is missing from the beginning, for when what was asked for does not come. */
  int[] again(int window, long now) {
    asked = 0;
    outstanding = 0;
    return next(window, now);
  }
}
