package io.atelier.actors.transport.aeron;

import java.nio.ByteBuffer;
import java.util.function.ToIntFunction;

/**
 * The network below an embedded media driver. Tests make one that loses, duplicates, delays and
 * corrupts datagrams. Called on the thread of the driver.
 */
public interface Network {

  /** The network of this machine. */
  Network DIRECT = new Network() {};

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
