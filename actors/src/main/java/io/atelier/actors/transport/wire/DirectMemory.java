package io.atelier.actors.transport.wire;

import io.atelier.actors.transport.HostLimitException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.BufferUtil;

/**
 * Memory that is not on the heap: a socket reads and writes it without a copy, no collector moves
 * or counts it, and it is given back at a moment that its owner chooses.
 */
public final class DirectMemory {

  private static final AtomicLong TAKEN = new AtomicLong();

  private DirectMemory() {}

  /** Bytes that were allocated here and not given back. */
  public static long taken() {
    return TAKEN.get();
  }

  /**
   * Memory for the bytes of a value.
   *
   * @throws HostLimitException if the JVM may not have that much
   */
  public static ByteBuffer allocate(int length) {
    try {
      ByteBuffer memory = ByteBuffer.allocateDirect(length).order(ByteOrder.LITTLE_ENDIAN);
      TAKEN.addAndGet(length);
      return memory;
    } catch (OutOfMemoryError e) { // made by the library, not by a heap that is full
      throw new HostLimitException(
          "there is no direct memory of %d bytes (%s): raise -XX:MaxDirectMemorySize, or lower workers.blob-megabytes"
              .formatted(length, e.getMessage()),
          e);
    }
  }

  /** Gives memory back. Nobody may read or write it any more: the JVM would end. */
  public static void free(ByteBuffer memory) {
    TAKEN.addAndGet(-memory.capacity());
    BufferUtil.free(memory);
  }
}
