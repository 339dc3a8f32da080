package io.atelier.actors.transport.wire;

import org.agrona.MutableDirectBuffer;

/**
 * A chunk to be sent.
 *
 * @param session who it is meant for, or whose broadcast it is
 * @param transfer number of the pull, or the version broadcast
 * @param number of the chunk in its content
 */
public record Chunk(Content content, long token, int session, long transfer, int number) {

  /** Bytes of its frame. */
  public int frameLength() {
    return Frame.HEADER + content.description().length(number);
  }

  /** Writes its frame; {@code frame} and {@code checksum} are the caller's tools for that. */
  public void write(MutableDirectBuffer into, int at, Frame frame, Checksum checksum) {
    int offset = content.description().offset(number);
    int length = content.description().length(number);
    into.putBytes(at + Frame.HEADER, content.bytes(), offset, length);
    // of the copy, which is in the cache
    int crc = content.checksum(number, checksum, into, at + Frame.HEADER);
    frame.write(into, at, Frame.Type.CHUNK, token, session, transfer, offset, length, crc);
  }
}
