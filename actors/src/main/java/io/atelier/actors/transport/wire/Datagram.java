package io.atelier.actors.transport.wire;

import io.aeron.protocol.DataHeaderFlyweight;
import java.net.InetSocketAddress;
import org.agrona.DirectBuffer;

/**
 * A frame that came alone in a datagram. Valid until the next one is received.
 *
 * @param at where it begins
 * @param length of the frame
 * @param isApart whether it comes this way only, and not by a log buffer if it is not taken
 */
public record Datagram(
    DirectBuffer buffer, int at, int length, InetSocketAddress from, boolean isApart) {

  /** Bytes before the payload: Aeron's header and that of the frame. */
  public static final int HEAD = DataHeaderFlyweight.HEADER_LENGTH + Frame.HEADER;
}
