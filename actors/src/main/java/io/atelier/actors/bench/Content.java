package io.atelier.actors.bench;

import io.atelier.actors.transport.WeightCodec;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Bytes to broadcast. A receiver looks at all of them only if the first one says so: that is for
 * the rounds which are not timed.
 *
 * @param bytes at the sender; empty at a receiver, which has them in place for as long as it
 *     decodes
 */
record Content(ByteBuffer bytes, String hash) {
  static final WeightCodec<Content> CODEC = new Codec();
  private static final ByteBuffer NONE = ByteBuffer.allocate(0);

  /** Content whose receivers compute a checksum, or do not. */
  static Content of(ByteBuffer bytes, boolean checked) {
    bytes.put(0, (byte) (checked ? 1 : 0));
    return new Content(bytes, hash(bytes));
  }

  private static String hash(ByteBuffer bytes) {
    if (bytes.get(bytes.position()) == 0) {
      return "not checked";
    }
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate());
    return Long.toHexString(crc.getValue());
  }

  private static final class Codec implements WeightCodec<Content> {
    @Override
    public long length(Content content) {
      return content.bytes().remaining();
    }

    @Override
    public void encode(Content content, ByteBuffer into) {
      into.put(content.bytes().duplicate());
    }

    @Override
    public Content decode(ByteBuffer from) {
      return new Content(NONE, Content.hash(from));
    }

    @Override
    public String hash(Content content) {
      return content.hash();
    }
  }
}
