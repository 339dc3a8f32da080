package io.atelier.actors.wire;

import com.esotericsoftware.kryo.io.Input;

/**
 * The bytes of one frame. Whoever allocates for what a frame claims takes the count from {@link
 * #readCount}, which knows that no more can be there than the bytes that are left. Kryo's own
 * {@code readString} and {@code readClass} allocate first, so nothing here uses them.
 */
final class BoundedInput extends Input {

  BoundedInput(byte[] frame) {
    super(frame);
  }

  /** Bytes not yet read. */
  int left() {
    return limit - position;
  }

  /**
   * Reads how many values follow.
   *
   * @param width bytes that each takes at least, 1 or more
   */
  int readCount(int width) {
    int count = readVarInt(true);
    if (count < 0 || count > left() / width) {
      throw new WireException(
          "%s values of %d bytes or more claimed where %d bytes are left"
              .formatted(Integer.toUnsignedString(count), width, left()));
    }
    return count;
  }

  /** Called by every read; the inherited one would move the bytes of the frame. */
  @Override
  protected int require(int required) {
    if (required > left()) {
      throw new WireException(
          "frame ends early: %d bytes wanted where %d are left".formatted(required, left()));
    }
    return left();
  }
}
