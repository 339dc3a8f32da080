package io.atelier.actors.transport.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What a receiver asks for.
 *
 * @param from where the answer goes
 * @param describe whether the description comes first
 * @param ranges first chunk and number of chunks, in turn; chunks beyond the end are left out
 */
public record Request(NodeName from, Resource resource, boolean describe, int[] ranges) {

  /** Ranges in one request; with names of any length it fits the smallest datagram. */
  public static final int MAX_RANGES = 64;

  public byte[] encode() {
    String node = from.toString();
    ByteBuffer bytes =
        ByteBuffer.allocate(
                WireWriter.length(node)
                    + WireWriter.length(resource.stream())
                    + Long.BYTES
                    + 1
                    + Integer.BYTES * (1 + ranges.length))
            .order(ByteOrder.LITTLE_ENDIAN);
    WireWriter.text(bytes, node);
    WireWriter.text(bytes, resource.stream());
    bytes.putLong(resource.number()).put((byte) (describe ? 1 : 0));
    WireWriter.integers(bytes, ranges);
    return bytes.array();
  }

  public static Request decode(WireReader reader) {
    NodeName from = NodeName.parse(reader.text(NodeName.MAX_BYTES));
    Resource resource = new Resource(reader.text(Resource.MAX_NAME_BYTES), reader.whole());
    byte describe = reader.one();
    int[] ranges = reader.integers();
    reader.end();
    if (describe < 0
        || describe > 1
        || ranges.length == 0
        || ranges.length % 2 != 0
        || ranges.length > 2 * MAX_RANGES) {
      throw reader.malformed("describe " + describe + ", ranges " + ranges.length);
    }
    for (int i = 0; i < ranges.length; i += 2) {
      if (ranges[i] < 0 || ranges[i + 1] < 1) {
        throw reader.malformed(ranges[i + 1] + " chunks from " + ranges[i]);
      }
    }
    return new Request(from, resource, describe == 1, ranges);
  }
}
