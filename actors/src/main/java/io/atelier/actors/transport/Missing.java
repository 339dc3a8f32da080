package io.atelier.actors.transport;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Why there is nothing to send. */
final class Missing {
  private static final int MAX_BYTES = 600;

  private Missing() {}

  static byte[] encode(String reason) {
    ByteBuffer bytes =
        ByteBuffer.allocate(WireWriter.length(reason)).order(ByteOrder.LITTLE_ENDIAN);
    WireWriter.text(bytes, reason);
    return bytes.array();
  }

  static String decode(WireReader reader) {
    String reason = reader.text(MAX_BYTES);
    reader.end();
    return reason;
  }
}
