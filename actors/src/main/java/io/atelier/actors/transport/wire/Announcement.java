package io.atelier.actors.transport.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a publisher or a relay has.
 *
 * @param publisher where it is; its session is the epoch of the stream
 * @param stream name of the stream
 * @param versions available, in ascending order
 * @param bytes of the largest version
 * @param broadcast port of the publisher from which chunks are sent to each who listens; below 0
 *     the Aeron stream, negated, in which they are sent to a multicast group; 0 if they are not
 * @param slots folder in which processes of its host find the versions
 * @param source whom the node that is told this takes new versions from: the publisher or a relay
 */
public record Announcement(
    NodeName publisher,
    String stream,
    long[] versions,
    long bytes,
    int broadcast,
    Optional<Path> slots,
    NodeName source) {

  /** Versions of one stream; with names of any length they fit the smallest datagram. */
  public static final int MAX_VERSIONS = 64;

  static final int MAX_PATH_BYTES = 80;

  public byte[] encode() {
    String node = publisher.toString();
    String folder = slots.map(Path::toString).orElse("");
    String from = source.toString();
    ByteBuffer buffer =
        ByteBuffer.allocate(
                WireWriter.length(node)
                    + WireWriter.length(stream)
                    + WireWriter.length(folder)
                    + WireWriter.length(from)
                    + 2 * Integer.BYTES
                    + Long.BYTES * (1 + versions.length))
            .order(ByteOrder.LITTLE_ENDIAN);
    WireWriter.text(buffer, node);
    WireWriter.text(buffer, stream);
    buffer.putInt(broadcast);
    WireWriter.text(buffer, folder);
    WireWriter.text(buffer, from);
    buffer.putLong(bytes);
    WireWriter.wholes(buffer, versions);
    return buffer.array();
  }

  public static Announcement decode(WireReader reader) {
    NodeName publisher = NodeName.parse(reader.text(NodeName.MAX_BYTES));
    String stream = reader.text(Resource.MAX_NAME_BYTES);
    int broadcast = reader.integer();
    String folder = reader.text(MAX_PATH_BYTES);
    NodeName source = NodeName.parse(reader.text(NodeName.MAX_BYTES));
    long bytes = reader.whole();
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
    if (bytes < 0 || bytes > Description.MAX_BYTES) {
      throw reader.malformed("a version of " + bytes + " bytes");
    }
    if (broadcast == Integer.MIN_VALUE || broadcast > 65_535) {
      throw reader.malformed("a broadcast at port " + broadcast);
    }
    Optional<Path> slots = Optional.empty();
    if (!folder.isEmpty()) {
      slots = FolderName.find(folder);
      if (slots.isEmpty()) {
        throw reader.malformed("slots in " + folder);
      }
    }
    return new Announcement(publisher, stream, versions, bytes, broadcast, slots, source);
  }
}
