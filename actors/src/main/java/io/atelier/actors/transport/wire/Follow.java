package io.atelier.actors.transport.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A node wants to be told about a stream. */
public record Follow(NodeName from, String stream) {

  public byte[] encode() {
    String node = from.toString();
    ByteBuffer bytes =
        ByteBuffer.allocate(WireWriter.length(node) + WireWriter.length(stream))
            .order(ByteOrder.LITTLE_ENDIAN);
    WireWriter.text(bytes, node);
    WireWriter.text(bytes, stream);
    return bytes.array();
  }

  public static Follow decode(WireReader reader) {
    NodeName from = NodeName.parse(reader.text(NodeName.MAX_BYTES));
    String stream = reader.text(Resource.MAX_NAME_BYTES);
    reader.end();
    return new Follow(from, stream);
  }
}
