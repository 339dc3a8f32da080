package io.atelier.actors.transport;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What a publisher has.
 *
 * @param publisher where it is; its session is the epoch of the stream
 * @param stream name of the stream
 * @param versions available, in ascending order
 * @param broadcast where chunks are broadcast, as {@code host:port}; empty if they are not
 */
record Announcement(NodeName publisher, String stream, long[] versions, String broadcast) {

  /** Versions of one stream; with names of any length they fit the smallest datagram. */
  static final int MAX_VERSIONS = 64;

  byte[] encode() {
    String node = publisher.toString();
    ByteBuffer bytes =
        ByteBuffer.allocate(
                WireWriter.length(node)
                    + WireWriter.length(stream)
                    + WireWriter.length(broadcast)
                    + Integer.BYTES
                    + Long.BYTES * versions.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    WireWriter.text(bytes, node);
    WireWriter.text(bytes, stream);
    WireWriter.text(bytes, broadcast);
    WireWriter.wholes(bytes, versions);
    return bytes.array();
  }

  static Announcement decode(WireReader reader) {
    NodeName publisher = NodeName.parse(reader.text(NodeName.MAX_BYTES));
    String stream = reader.text(Resource.MAX_NAME_BYTES);
    String broadcast = reader.text(NodeName.MAX_BYTES);
    long[] versions = reader.wholes();
    reader.end();
    if (versions.length > MAX_VERSIONS) {
      throw reader.malformed(versions.length + " versions, at most " + MAX_VERSIONS);
    }
    for (int i = 1; i < versions.length; i++) {
      if (versions[i] <= versions[i - 1]) {
        throw reader.malformed("version %d after %d".formatted(versions[i], versions[i - 1]));
      }
    }
    return new Announcement(publisher, stream, versions, broadcast);
  }
}
