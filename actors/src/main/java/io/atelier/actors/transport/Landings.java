package io.atelier.actors.transport;

import java.util.HashMap;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;

/**
 * Who takes chunks from the sockets of this process, so that they are copied from the datagram to
 * where they belong, and not by way of a log buffer. For one thread.
 */
final class Landings {

  /** Takes the chunks of one stream of a channel. */
  interface Place {
    /**
     * Lands the payload of a frame, if that is a chunk that is awaited.
     *
     * @return false if the frame is to come out of the log buffer, as any other
     * @throws MalformedException if it is to come out of there and be refused
     */
    boolean land(DirectBuffer buffer, int offset, int length);
  }

  private final Map<String, Int2ObjectHashMap<Place>> channels = new HashMap<>();

  void add(String channel, int stream, Place place) {
    channels.computeIfAbsent(channel, c -> new Int2ObjectHashMap<>()).put(stream, place);
  }

  void remove(String channel, int stream) {
    channels.computeIfPresent(
        channel,
        (c, places) -> {
          places.remove(stream);
          return places.isEmpty() ? null : places;
        });
  }

  /** Lands what came in on a stream of a channel; false if it is not awaited there. */
  boolean land(String channel, int stream, DirectBuffer buffer, int offset, int length) {
    Int2ObjectHashMap<Place> places = channels.get(channel);
    Place place = places == null ? null : places.get(stream);
    try {
      return place != null && place.land(buffer, offset, length);
    } catch (MalformedException e) {
      return false;
    }
  }
}
