package io.atelier.actors.transport;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/** Bytes that others may pull, with the checksum of every chunk. Immutable. */
final class Parcel {
  private final Description description;
  private final UnsafeBuffer bytes;
  private final int[] checksums;

  private Parcel(Description description, UnsafeBuffer bytes, int[] checksums) {
    this.description = description;
    this.bytes = bytes;
    this.checksums = checksums;
  }

  /**
   * @throws IllegalStateException if the codec did not write as many bytes as it said
   */
  static <T> ByteBuffer encode(Codec<T> codec, T value, int length) {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    codec.encode(value, bytes);
    if (bytes.hasRemaining()) {
      throw new IllegalStateException(
          "%s wrote %d of %d bytes"
              .formatted(codec.getClass().getName(), bytes.position(), bytes.limit()));
    }
    return bytes.flip();
  }

  static Parcel of(ByteBuffer bytes, int chunkBytes, String hash) {
    Description description = new Description(bytes.remaining(), chunkBytes, hash);
    UnsafeBuffer buffer = new UnsafeBuffer(bytes);
    Checksum checksum = new Checksum();
    int[] checksums = new int[description.chunks()];
    for (int i = 0; i < checksums.length; i++) {
      checksums[i] = checksum.of(buffer, description.offset(i), description.length(i));
    }
    return new Parcel(description, buffer, checksums);
  }

  Description description() {
    return description;
  }

  UnsafeBuffer bytes() {
    return bytes;
  }

  int checksum(int chunk) {
    return checksums[chunk];
  }
}
