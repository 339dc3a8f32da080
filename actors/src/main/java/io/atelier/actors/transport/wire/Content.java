package io.atelier.actors.transport.wire;

import io.atelier.actors.transport.Codec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/** The bytes of a resource, which others may pull. They do not change while it is offered. */
public final class Content {
  private final Description description;
  private final UnsafeBuffer bytes;

  public Content(ByteBuffer bytes, int chunkBytes, String hash) {
    this.description = new Description(bytes.remaining(), chunkBytes, hash);
    this.bytes = new UnsafeBuffer(bytes);
  }

  /** Memory for the bytes of a value. */
  public static ByteBuffer memory(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Writes a value into memory of its length.
   *
   * @throws IllegalStateException if the codec did not write as many bytes as it said
   */
  public static <T> void encode(Codec<T> codec, T value, ByteBuffer into) {
    codec.encode(value, into);
    if (into.hasRemaining()) {
      throw new IllegalStateException(
          "%s wrote %d of %d bytes"
              .formatted(codec.getClass().getName(), into.position(), into.limit()));
    }
    into.flip();
  }

  public Description description() {
    return description;
  }

  UnsafeBuffer bytes() {
    return bytes;
  }
}
