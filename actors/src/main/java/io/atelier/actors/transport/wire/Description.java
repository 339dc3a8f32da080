package io.atelier.actors.transport.wire;

import io.atelier.actors.transport.TransportConfig;
import io.atelier.actors.transport.WeightCodec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What there is to pull.
 *
 * @param length bytes in all
 * @param chunkBytes bytes of every chunk but the last, which may be shorter
 * @param hash content hash of a version; empty for a blob, whose reference names its checksum
 */
public record Description(int length, int chunkBytes, String hash) {
  public static final int MAX_HASH_BYTES = WeightCodec.MAX_HASH_BYTES;

  /** A chunk is the payload of a datagram, of the smallest and of the largest. */
  static final int MIN_CHUNK = 1_024;

  static final int MAX_CHUNK = 65_536;

  /** Memory of one value. */
  public static final int MAX_BYTES = TransportConfig.MAX_TRANSFER_BYTES;

  /** Chunks in all; one, of no bytes, if there is nothing to send. */
  public int chunks() {
    return Math.max(1, (int) (((long) length + chunkBytes - 1) / chunkBytes));
  }

  public int offset(int chunk) {
    return chunk * chunkBytes;
  }

  public int length(int chunk) {
    return Math.min(chunkBytes, length - offset(chunk));
  }

  public byte[] encode() {
    ByteBuffer bytes =
        ByteBuffer.allocate(2 * Integer.BYTES + WireWriter.length(hash))
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(length)
            .putInt(chunkBytes);
    WireWriter.text(bytes, hash);
    return bytes.array();
  }

  public static Description decode(WireReader reader) {
    int length = reader.integer();
    int chunkBytes = reader.integer();
    String hash = reader.text(MAX_HASH_BYTES);
    reader.end();
    if (length < 0 || length > MAX_BYTES || chunkBytes < MIN_CHUNK || chunkBytes > MAX_CHUNK) {
      throw reader.malformed("%d bytes in chunks of %d".formatted(length, chunkBytes));
    }
    return new Description(length, chunkBytes, hash);
  }
}
