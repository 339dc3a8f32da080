package io.atelier.actors.transport.aeron;

import io.atelier.actors.transport.wire.Content;

/** Chunks of one transfer that are still to be sent. For one thread. */
public final class PendingChunks {
  private final Content content;
  private final long transfer;
  private final int[] ranges;
  private int range;
  private int done;

  /**
   * @param ranges first chunk and number of chunks, in turn; every one within the content
   */
  public PendingChunks(Content content, long transfer, int[] ranges) {
    this.content = content;
    this.transfer = transfer;
    this.ranges = ranges;
  }

  Content content() {
    return content;
  }

  long transfer() {
    return transfer;
  }

  boolean finished() {
    return range == ranges.length;
  }

  int chunk() {
    return ranges[range] + done;
  }

  void advance() {
    if (++done == ranges[range + 1]) {
      range += 2;
      done = 0;
    }
  }
}
