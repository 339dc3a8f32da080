package io.atelier.actors.transport;

import java.nio.ByteBuffer;

/**
 * The bytes of a value as they travel. Every buffer is little-endian. The bytes depend on the value
 * alone.
 */
public interface Codec<T> {

  /** Bytes that {@link #encode} writes for this value. */
  long length(T value);

  /** Writes exactly {@link #length} bytes. */
  void encode(T value, ByteBuffer into);

  /**
   * The value of the bytes that are left in {@code from}. They may have been damaged: every length
   * is checked before memory is taken for it, and no byte may be left over. The memory of {@code
   * from} is used again after the call.
   *
   * @throws MalformedException if they are not the bytes of a value
   */
  T decode(ByteBuffer from);
}
