package io.atelier.actors.transport.aeron;

import io.atelier.actors.transport.wire.Datagram;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.agrona.collections.Int2ObjectHashMap;

/**
 * Who takes chunks and descriptions straight from the sockets of this process, so that they bypass
 * the log buffer of their subscription. For one thread.
 */
public final class ReceiveBypass {

  /** Takes the chunks of one stream of a channel. */
  public interface Receiver {
    /**
     * Takes a frame, whatever it is if it comes this way only.
     *
     * @return false if it is to come by the log buffer, as any other
     */
    boolean land(Datagram datagram);
  }

  private final Map<String, Int2ObjectHashMap<Receiver>> channels = new HashMap<>();
  private Supplier<ByteBuffer> room = () -> null;

  /**
   * @param room where the next datagram may be received, so that a chunk is where it belongs if it
   *     is the one that is expected: {@link Datagram#HEAD} bytes which are put back as they were,
   *     then room for the payload of any chunk; null if there is none
   */
  public void room(Supplier<ByteBuffer> room) {
    this.room = room;
  }

  ByteBuffer room() {
    return room.get();
  }

  /** Datagrams of a stream of a channel go to this receiver from now on. */
  public void add(String channel, int stream, Receiver receiver) {
    channels.computeIfAbsent(channel, c -> new Int2ObjectHashMap<>()).put(stream, receiver);
  }

  public void remove(String channel, int stream) {
    channels.computeIfPresent(
        channel,
        (c, receivers) -> {
          receivers.remove(stream);
          return receivers.isEmpty() ? null : receivers;
        });
  }

  /** Takes what came in on a stream of a channel; false if it was not taken. */
  boolean land(String channel, int stream, Datagram datagram) {
    Int2ObjectHashMap<Receiver> receivers = channels.get(channel);
    Receiver receiver = receivers == null ? null : receivers.get(stream);
    return receiver != null && receiver.land(datagram);
  }
}
