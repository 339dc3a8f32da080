package io.atelier.tests.transport;

import io.atelier.actors.transport.aeron.Network;
import io.atelier.actors.transport.wire.Frame;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/** Sees every datagram that nodes send. Keeps them as they are. */
final class Observer implements Network {

  /** Aeron's header of a data frame, and what it says of a chunk that is alone in a datagram. */
  private static final int AERON = 32;

  private static final int DATA = 1;
  private static final int RESERVED = 24;
  private static final long APART =
      ByteBuffer.wrap("ATLAPART".getBytes(StandardCharsets.US_ASCII))
          .order(ByteOrder.LITTLE_ENDIAN)
          .getLong();

  private final Queue<byte[]> datagrams = new ConcurrentLinkedQueue<>();

  @Override
  public int send(ByteBuffer datagram, ToIntFunction<ByteBuffer> socket) {
    byte[] copy = new byte[datagram.remaining()];
    datagram.duplicate().get(copy);
    datagrams.add(copy);
    return socket.applyAsInt(datagram);
  }

  List<byte[]> datagrams() {
    return List.copyOf(datagrams);
  }

  /** The frames of a type for a session, or of its broadcast. */
  List<byte[]> frames(Frame.Type type, int session) {
    return datagrams.stream()
        .flatMap(Observer::frame)
        .filter(
            frame -> {
              ByteBuffer header = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
              return header.getInt(4) == type.ordinal() && header.getInt(12) == session;
            })
        .toList();
  }

  private static Stream<byte[]> frame(byte[] datagram) {
    ByteBuffer header = ByteBuffer.wrap(datagram).order(ByteOrder.LITTLE_ENDIAN);
    if (datagram.length < AERON + Frame.HEADER || header.getShort(6) != DATA) {
      return Stream.empty();
    }
    int end = header.getLong(RESERVED) == APART ? datagram.length : header.getInt(0);
    return Stream.of(Arrays.copyOfRange(datagram, AERON, end));
  }

  /** Whether some bytes are anywhere in what was sent. */
  boolean saw(byte[] bytes) {
    String wanted = new String(bytes, StandardCharsets.ISO_8859_1);
    return datagrams.stream()
        .anyMatch(sent -> new String(sent, StandardCharsets.ISO_8859_1).contains(wanted));
  }
}
