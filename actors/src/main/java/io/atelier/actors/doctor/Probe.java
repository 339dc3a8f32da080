package io.atelier.actors.doctor;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.SocketException;
import java.net.SocketOption;
import java.nio.ByteBuffer;

/** A datagram that is echoed unchanged: magic, token, number, and zeros up to its length. */
final class Probe {

  static final int LARGEST = 65_507;
  static final int SMALLEST = Integer.BYTES + Long.BYTES + Integer.BYTES;

  private static final int MAGIC = 0x4154_4C44; // "ATLD"

  private Probe() {}

  static DatagramPacket of(long token, int number, int length) {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    bytes.putInt(MAGIC).putLong(token).putInt(number);
    return new DatagramPacket(bytes.array(), length);
  }

  /** Whether it has the token, and so comes from a peer that got it over TCP. */
  static boolean isOurs(DatagramPacket packet, long token) {
    ByteBuffer bytes = ByteBuffer.wrap(packet.getData(), 0, packet.getLength());
    return packet.getLength() >= SMALLEST && bytes.getInt() == MAGIC && bytes.getLong() == token;
  }

  static int number(DatagramPacket packet) {
    return ByteBuffer.wrap(packet.getData()).getInt(SMALLEST - Integer.BYTES);
  }

  /**
   * Forbids the kernel and routers to fragment datagrams, if this Java can, from 19 on.
   *
   * @return whether it does
   */
  static boolean forbidFragments(DatagramSocket socket) throws SocketException {
    for (SocketOption<?> option : socket.supportedOptions()) {
      if (option.name().equals("IP_DONTFRAGMENT")) {
        forbid(socket, option);
        return true;
      }
    }
    return false;
  }

  @SuppressWarnings("unchecked") // it is of that type where it is known
  private static void forbid(DatagramSocket socket, SocketOption<?> option) throws SocketException {
    try {
      socket.setOption((SocketOption<Boolean>) option, true);
    } catch (SocketException e) {
      throw e;
    } catch (java.io.IOException e) {
      throw new SocketException(e.toString());
    }
  }
}
