package io.atelier.actors.transport.wire;

import org.agrona.MutableDirectBuffer;

/**
 * A chunk to be sent.
 *
 * @param transfer number of the pull, or the version broadcast
 * @param number of the chunk in its content
 */
public record Chunk(Content content, Sealer sealer, Audience audience, long transfer, int number) {

  /** Bytes of its frame. */
  public int frameLength() {
    return Frame.HEADER + content.description().length(number);
  }

  /** Writes its frame; {@code frame} is the caller's tool for that. */
  public void write(MutableDirectBuffer into, int at, Frame frame) {
    int offset = content.description().offset(number);
    int length = content.description().length(number);
    frame.write(
        into,
        at,
        Frame.Type.CHUNK,
        sealer,
        audience,
        transfer,
        offset,
        content.bytes(),
        offset,
        length);
  }
}
