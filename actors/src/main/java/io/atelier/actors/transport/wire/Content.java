package io.atelier.actors.transport.wire;

import io.atelier.actors.transport.Codec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The bytes of a resource, which others may pull. They do not change while it is offered. The
 * checksum of a chunk is computed when the chunk is first sent, by the agent thread.
 */
public final class Content {
  private final Description description;
  private final UnsafeBuffer bytes;
  private final int[] checksums;
  private final BitSet known = new BitSet();

  public Content(ByteBuffer bytes, int chunkBytes, String hash) {
    this.description = new Description(bytes.remaining(), chunkBytes, hash);
    this.bytes = new UnsafeBuffer(bytes);
    this.checksums = new int[description.chunks()];
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

  /**
   * The checksum of a chunk.
   *
   * @param copy where its bytes are too, which saves a look at those that may be further away
   */
  int checksum(int chunk, Checksum checksum, DirectBuffer copy, int at) {
    if (!known.get(chunk)) {
      checksums[chunk] = checksum.of(copy, at, description.length(chunk));
      known.set(chunk);
    }
    return checksums[chunk];
  }
}
