package io.atelier.actors.transport.weights;

import io.atelier.actors.transport.wire.Content;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Memory for versions of a stream, which are all of about one length, so that what one leaves the
 * next can have. It is not on the heap: a socket writes into it, and no collector has to look after
 * it. Thread-safe.
 */
final class SpareMemory {
  private final AtomicReference<ByteBuffer> spare = new AtomicReference<>();

  /** Memory of some length, with anything in it. */
  ByteBuffer take(int length) {
    ByteBuffer used = spare.getAndSet(null);
    return used != null && used.capacity() >= length ? used.clear().limit(length) : fresh(length);
  }

  private static ByteBuffer fresh(int length) {
    try {
      return ByteBuffer.allocateDirect(length).order(ByteOrder.LITTLE_ENDIAN);
    } catch (OutOfMemoryError e) {
      return Content.memory(length); // if there is none of that either, the process ends
    }
  }

  /** Takes memory that nobody uses any more. */
  void giveBack(ByteBuffer memory) {
    spare.set(memory);
  }
}
