package io.atelier.actors.transport.aeron;

import java.nio.ByteBuffer;
import java.util.function.ToIntFunction;

/**
 * The network as a data plane with a media driver of its own meets it; tests make one that loses,
 * doubles, delays and damages. Called on the thread of the driver.
 */
public interface Line {

  /** What is there. */
  Line DIRECT = new Line() {};

  /**
   * Puts a datagram on the network.
   *
   * @param datagram from position to limit; valid during the call, and not to be changed
   * @param socket sends a datagram to all destinations; gives the bytes that it took of it
   * @return bytes of the datagram that were taken; fewer mean that it has to be sent again
   */
  default int send(ByteBuffer datagram, ToIntFunction<ByteBuffer> socket) {
    return socket.applyAsInt(datagram);
  }

  /** A datagram came in. */
  default void received() {}
}
