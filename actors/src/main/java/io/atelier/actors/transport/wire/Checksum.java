package io.atelier.actors.transport.wire;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC32C of a value, which tells one from another that has its name. */
public final class Checksum {

  private Checksum() {}

  /** Of the bytes from position to limit, which stay. */
  public static int of(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate());
    return (int) crc.getValue();
  }
}
