package io.atelier.actors.transport.wire;

import io.atelier.actors.transport.HostLimitException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.BufferUtil;

/**
 * Memory that is not on the heap: a socket reads and writes it without a copy, no collector moves
 * or counts it, and it is given back at a moment that its owner chooses.
 */
public final class DirectMemory {

  private DirectMemory() {}

  /**
   * Memory for the bytes of a value.
   *
   * @throws HostLimitException if the JVM may not have that much
   */
  public static ByteBuffer allocate(int length) {
    try {
      return ByteBuffer.allocateDirect(length).order(ByteOrder.LITTLE_ENDIAN);
    } catch (OutOfMemoryError e) { // made by the library, not by a heap that is full
      throw new HostLimitException(
          "there is no direct memory of %d bytes (%s): raise -XX:MaxDirectMemorySize, or lower workers.blob-megabytes"
              .formatted(length, e.getMessage()),
          e);
    }
  }

  /** Gives memory back. Nobody may read or write it any more: the JVM would end. */
  public static void free(ByteBuffer memory) {
    BufferUtil.free(memory);
  }
}
