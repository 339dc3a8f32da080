package io.atelier.actors.transport;

/**
 * What a node serves.
 *
 * @param stream name of a weight stream; empty for blobs
 * @param number the version, or the id of the blob
 */
record Resource(String stream, long number) {
  static final int MAX_NAME_BYTES = 128;

  static Resource blob(long id) {
    return new Resource("", id);
  }

  @Override
  public String toString() {
    return stream.isEmpty() ? "blob " + number : stream + " version " + number;
  }
}
