package io.atelier.actors.transport.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Why there is nothing to send. */
public final class Missing {
  private static final int MAX_BYTES = 600;

  private Missing() {}

  public static byte[] encode(String reason) {
    ByteBuffer bytes =
        ByteBuffer.allocate(WireWriter.length(reason)).order(ByteOrder.LITTLE_ENDIAN);
    WireWriter.text(bytes, reason);
    return bytes.array();
  }

  public static String decode(WireReader reader) {
    String reason = reader.text(MAX_BYTES);
    reader.end();
    return reason.replaceAll("\\p{Cntrl}", "?");
  }
}
