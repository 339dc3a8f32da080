package io.atelier.actors.transport.weights;

import io.atelier.actors.transport.aeron.TransportAgent;
import io.atelier.actors.transport.wire.Announcement;
import io.atelier.actors.transport.wire.NodeName;
import io.atelier.actors.transport.wire.Resource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where a follower takes versions from: the publisher, or a relay that the publisher names. A relay
 * that is silent, or does not have a version in time, is left for the publisher. Belongs to the
 * agent thread.
 */
final class SourceSelector {

  /** Rate at which a version comes to a relay and from there, below which that is too slow. */
  private static final double BYTES_PER_SECOND = 60e6;

  private static final double SECOND_NANOS = 1e9;

  /** Versions that are taken from the publisher after one that a relay did not have in time. */
  private static final int DETOUR_VERSIONS = 8;

  private final TransportAgent agent;
  private final String stream;
  private final Source.Listener listener;
  private final Source publisher;

  /** Until when the relay may take for a version, whether it has begun to come or not. */
  private final Map<Long, Long> due = new HashMap<>();

  private Source relay;
  private int detour;

  /**
   * @param listener takes what is broadcast by the one or the other
   */
  SourceSelector(
      TransportAgent agent, NodeName publisher, String stream, Source.Listener listener, long now) {
    this.agent = agent;
    this.stream = stream;
    this.listener = listener;
    this.publisher = new Source(agent, publisher, stream, listener, now);
  }

  Source publisher() {
    return publisher;
  }

  int work(long now) {
    return publisher.work(now) + (relay == null ? 0 : relay.work(now));
  }

  /** Whether it is the publisher that announces something; it also says whom to listen to. */
  boolean onPublisher(Announcement announcement, long now) {
    if (!publisher.onAnnounced(announcement, now)) {
      return false;
    }
    NodeName source = announcement.source();
    if (relay != null && !relay.node().equals(source)) {
      relay.close();
      relay = null;
    }
    if (source.equals(publisher.node())) {
      publisher.listen();
    } else if (relay == null) {
      publisher.close();
      String name = Resource.relayed(stream, publisher.node());
      relay = new Source(agent, source, name, listener, now);
    }
    return true;
  }

  /** The versions that are awaited from the relay and that it announces now. */
  List<Long> onRelay(Announcement announcement, long now) {
    if (relay == null || !relay.onAnnounced(announcement, now)) {
      return List.of();
    }
    relay.listen();
    return due.keySet().stream().filter(relay::has).toList();
  }

  /** Where a version is to be taken from now; empty if the relay will have it soon. */
  Optional<Source> source(long version, long now) {
    if (relay == null || relay.isSilent(now) || detour > 0) {
      detour = Math.max(0, detour - 1);
      due.remove(version);
      return Optional.of(publisher);
    }
    if (relay.has(version)) {
      await(version, now);
      return Optional.of(relay);
    }
    if (!due.containsKey(version) && publisher.isPast(version)) {
      return Optional.of(publisher); // what a relay does not have now it will not get
    }
    await(version, now);
    return Optional.empty();
  }

  /** The relay gets the time to find that nothing comes, and the time to bring the version. */
  void await(long version, long now) {
    double transfer = publisher.bytes() / BYTES_PER_SECOND * SECOND_NANOS;
    due.putIfAbsent(version, now + agent.config().stall().toNanos() + (long) transfer);
  }

  Set<Long> awaited() {
    return Set.copyOf(due.keySet());
  }

  /** A version is here, or comes from elsewhere, or is not wanted. */
  void forget(long version) {
    due.remove(version);
  }

  /** The versions that are not awaited any longer, since the relay is gone or too slow. */
  List<Long> late(long now) {
    if (due.isEmpty()) {
      return List.of();
    }
    boolean gone = relay == null || relay.isSilent(now);
    List<Long> late =
        due.keySet().stream().filter(version -> gone || now - due.get(version) > 0).toList();
    if (!gone && !late.isEmpty()) {
      detour = DETOUR_VERSIONS;
    }
    late.forEach(due::remove);
    return late;
  }

  void close() {
    publisher.close();
    if (relay != null) {
      relay.close();
    }
  }
}
