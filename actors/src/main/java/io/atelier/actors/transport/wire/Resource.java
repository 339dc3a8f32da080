package io.atelier.actors.transport.wire;

/**
 * What a node serves.
 *
 * @param stream name of a weight stream; empty for blobs
 * @param number the version, or the id of the blob
 */
public record Resource(String stream, long number) {
  static final int MAX_NAME_BYTES = 128;

  /** Names that users give streams: with a session they make the name of a relayed one. */
  public static final int MAX_STREAM_BYTES = MAX_NAME_BYTES - "@00000000".length();

  public static Resource blob(long id) {
    return new Resource("", id);
  }

  /**
   * Name under which a relay offers a stream. It has the session of the publisher, since a relay
   * may come to publish a stream of the same name.
   */
  public static String relayed(String stream, NodeName publisher) {
    return "%s@%08x".formatted(stream, publisher.session());
  }

  @Override
  public String toString() {
    return stream.isEmpty() ? "blob " + number : stream + " version " + number;
  }
}
