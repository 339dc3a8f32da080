package io.atelier.actors.transport.aeron;

import io.atelier.actors.transport.wire.Datagram;
import java.util.HashMap;
import java.util.Map;
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
