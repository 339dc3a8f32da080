package io.atelier.actors.transport;

import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent's side of a stream that is published here: who follows it, and the broadcast. Belongs
 * to the agent thread.
 */
final class Publisher {
  private static final Logger LOG = LoggerFactory.getLogger(DataPlane.class);

  /** A follower says every second that it is there. */
  private static final long FORGET_NANOS = 5_000_000_000L;

  private static final int MAX_FOLLOWERS = 1_024;

  /** Versions that are not broadcast after one that was given up. */
  private static final int PAUSE_VERSIONS = 8;

  private final Exchange exchange;
  private final String stream;
  private final Supplier<long[]> versions;
  private final Optional<Path> slots;
  private final Lane broadcast;
  private final Pace pace = new Pace();
  private int pause;
  private final Map<NodeName, Long> followers = new HashMap<>();

  /**
   * @param slots folder in which processes of this host find the versions
   */
  Publisher(Exchange exchange, String stream, Supplier<long[]> versions, Optional<Path> slots) {
    this.exchange = exchange;
    this.stream = stream;
    this.versions = versions;
    this.slots = slots;
    this.broadcast =
        exchange.newLane(
            exchange.channels().broadcast(), Channels.BROADCAST_STREAM, exchange.self().session());
  }

  String stream() {
    return stream;
  }

  int work(long now) {
    if (!broadcast.open()) {
      return 0;
    }
    int frames = broadcast.work(now);
    if (pace.isTooSlow(!broadcast.isIdle(), broadcast.sentBytes(), now)) {
      LOG.info("the broadcast of {} is held up by a receiver: each pulls the rest", stream);
      exchange.tallies().add(Tally.BROADCASTS_GIVEN_UP, 1);
      broadcast.clear();
      pause = PAUSE_VERSIONS;
    }
    return frames;
  }

  void onFollow(NodeName follower, long now) {
    followers.values().removeIf(seen -> now - seen > FORGET_NANOS);
    if (followers.size() < MAX_FOLLOWERS || followers.containsKey(follower)) {
      followers.put(follower, now);
      announce(List.of(follower));
    } else {
      exchange
          .tallies()
          .refuse(Tally.REFUSED_OVERFLOW, follower.toString(), "too many follow " + stream, now);
    }
  }

  /** Tells all followers what there is. */
  void announce() {
    announce(followers.keySet());
  }

  private void announce(Collection<NodeName> to) {
    byte[] payload =
        new Announcement(exchange.self(), stream, versions.get(), broadcast.localPort(), slots)
            .encode();
    to.forEach(follower -> exchange.send(follower, Frame.Type.ANNOUNCE, 0, payload));
  }

  /** Sends a version to all who listen now; the others ask for it. */
  void broadcast(long version, Parcel parcel, long now) {
    if (pause > 0) {
      pause--;
    } else if (broadcast.isConnected()) {
      broadcast.send(Frame.Type.DESCRIPTION, version, parcel.description().encode(), now);
      int[] all = {0, parcel.description().chunks()};
      broadcast.send(new Order(parcel, version, all), now);
    }
  }

  /** Sends no more of a parcel. */
  void drop(Parcel parcel) {
    broadcast.drop(parcel);
  }

  void close() {
    broadcast.close();
  }
}
