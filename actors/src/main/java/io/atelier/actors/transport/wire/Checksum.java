package io.atelier.actors.transport.wire;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;

/** CRC32C over memory of any kind. For one thread. */
public final class Checksum {
  private final CRC32C crc = new CRC32C();

  public int of(DirectBuffer buffer, int index, int length) {
    crc.reset();
    int start = index + buffer.wrapAdjustment();
    if (buffer.byteArray() != null) {
      crc.update(buffer.byteArray(), start, length);
    } else {
      ByteBuffer view = buffer.byteBuffer().duplicate();
      crc.update(view.limit(start + length).position(start));
    }
    return (int) crc.getValue();
  }

  /** Of the bytes from position to limit, which stay. */
  public static int of(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate());
    return (int) crc.getValue();
  }
}
