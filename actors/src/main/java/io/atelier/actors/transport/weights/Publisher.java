package io.atelier.actors.transport.weights;

import static io.atelier.actors.transport.TransportLog.LOG;

import io.atelier.actors.transport.aeron.Channels;
import io.atelier.actors.transport.aeron.PendingChunks;
import io.atelier.actors.transport.aeron.SendQueue;
import io.atelier.actors.transport.aeron.TransportAgent;
import io.atelier.actors.transport.metrics.Tally;
import io.atelier.actors.transport.wire.Announcement;
import io.atelier.actors.transport.wire.Audience;
import io.atelier.actors.transport.wire.Content;
import io.atelier.actors.transport.wire.Frame;
import io.atelier.actors.transport.wire.NodeName;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The agent's side of a stream that is offered here: who follows it, whom each follower takes it
 * from, and the broadcast. Belongs to the agent thread.
 */
final class Publisher {

  /** Without a heartbeat for so long a follower is forgotten; it sends one every second. */
  private static final long LIVENESS_NANOS = 5_000_000_000L;

  private static final int MAX_FOLLOWERS = 1_024;

  /** Versions that are not broadcast after one that was given up. */
  private static final int PAUSE_VERSIONS = 8;

  private final TransportAgent agent;
  private final String stream;
  private final Supplier<long[]> versions;
  private final LongSupplier bytes;
  private final Optional<Path> slots;
  private final SendQueue broadcast;
  private final RateMonitor rate = new RateMonitor();
  private boolean open;
  private int pause;

  /** Time of the last heartbeat of each, in the order in which they came. */
  private final Map<NodeName, Long> followers = new LinkedHashMap<>();

  /** Aeron's stream of the broadcast, by which receivers of a multicast group tell it. */
  private final int broadcastStream;

  private RelayTree tree;

  /**
   * @param versions that can be asked for, in ascending order
   * @param bytes of the largest of them
   * @param slots folder in which processes of this host find the versions
   */
  Publisher(
      TransportAgent agent,
      String stream,
      Supplier<long[]> versions,
      LongSupplier bytes,
      Optional<Path> slots) {
    this.agent = agent;
    this.stream = stream;
    this.versions = versions;
    this.bytes = bytes;
    this.slots = slots;
    boolean multicast = agent.channels().isMulticast();
    this.tree = RelayTree.empty(multicast ? Integer.MAX_VALUE : RelayTree.FAN_OUT);
    this.broadcastStream =
        multicast ? new SecureRandom().nextInt(1, Integer.MAX_VALUE) : Channels.BROADCAST_STREAM;
    this.broadcast =
        agent.newQueue(
            agent.channels().broadcast(),
            broadcastStream,
            Audience.broadcast(agent.self().session(), stream),
            agent.channels().isApart());
  }

  String stream() {
    return stream;
  }

  int work(long now) {
    // most streams that could be given on are not: nothing is opened for them
    if (followers.isEmpty() || !broadcast.open()) {
      return 0;
    }
    if (!open && address() != 0) {
      open = true;
      announce();
    }
    int frames = broadcast.work(now);
    if (rate.isTooSlow(!broadcast.isIdle(), broadcast.sentBytes(), now)) {
      LOG.info("the broadcast of {} is held up by a receiver: each pulls the rest", stream);
      agent.tallies().add(Tally.BROADCASTS_GIVEN_UP, 1);
      broadcast.clear();
      pause = PAUSE_VERSIONS;
    }
    return frames;
  }

  /** Where it broadcasts, as it is announced; 0 until that is open. */
  private int address() {
    if (agent.channels().isMulticast()) {
      return broadcast.isOpen() ? -broadcastStream : 0;
    }
    return broadcast.localPort();
  }

  void onFollow(NodeName follower, long now) {
    boolean changed = followers.values().removeIf(seen -> now - seen > LIVENESS_NANOS);
    if (followers.size() < MAX_FOLLOWERS || followers.containsKey(follower)) {
      changed |= followers.put(follower, now) == null;
    } else {
      agent
          .tallies()
          .refuse(Tally.REFUSED_OVERFLOW, follower.toString(), "too many follow " + stream, now);
      return;
    }
    if (changed) {
      route();
    }
    announce(List.of(follower));
  }

  /** Finds a source for every follower, and tells those that have another than before. */
  private void route() {
    Map<NodeName, NodeName> before = tree.sources();
    tree = tree.of(agent.self(), followers.keySet());
    Map<NodeName, NodeName> now = tree.sources();
    announce(
        now.keySet().stream()
            .filter(follower -> !now.get(follower).equals(before.get(follower)))
            .toList());
  }

  /** Tells all followers what there is. */
  void announce() {
    announce(followers.keySet());
  }

  private void announce(Collection<NodeName> to) {
    for (NodeName follower : to) {
      Announcement announcement =
          new Announcement(
              agent.self(),
              stream,
              versions.get(),
              bytes.getAsLong(),
              address(),
              slots,
              tree.sources().get(follower));
      agent.send(follower, Frame.Type.ANNOUNCE, 0, announcement.encode());
    }
  }

  /** Sends a version to all who listen now; the others ask for it. */
  void broadcast(long version, Content content, long now) {
    if (pause > 0) {
      pause--;
    } else if (broadcast.isConnected()) {
      broadcast.send(Frame.Type.DESCRIPTION, version, content.description().encode(), now);
      int[] all = {0, content.description().chunks()};
      broadcast.send(new PendingChunks(content, version, all), now);
    }
  }

  /** Sends no more of this content. */
  void drop(Content content) {
    broadcast.drop(content);
  }

  void close() {
    broadcast.close();
  }
}
