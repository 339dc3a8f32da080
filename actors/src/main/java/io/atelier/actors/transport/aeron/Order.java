package io.atelier.actors.transport.aeron;

import io.atelier.actors.transport.wire.Parcel;

/** Chunks that a lane has still to send, for one transfer. For one thread. */
public final class Order {
  private final Parcel parcel;
  private final long transfer;
  private final int[] ranges;
  private int range;
  private int done;

  /**
   * @param ranges first chunk and number of chunks, in turn; every one within the parcel
   */
  public Order(Parcel parcel, long transfer, int[] ranges) {
    this.parcel = parcel;
    this.transfer = transfer;
    this.ranges = ranges;
  }

  Parcel parcel() {
    return parcel;
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
