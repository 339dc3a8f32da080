package io.atelier.actors.transport.weights;

import static io.atelier.actors.transport.TransportLog.LOG;

import io.aeron.Aeron;
import io.aeron.Subscription;
import io.aeron.exceptions.AeronException;
import io.atelier.actors.transport.aeron.Channels;
import io.atelier.actors.transport.aeron.FrameIntake;
import io.atelier.actors.transport.aeron.TransportAgent;
import io.atelier.actors.transport.metrics.Tally;
import io.atelier.actors.transport.shm.SlotReader;
import io.atelier.actors.transport.wire.Announcement;
import io.atelier.actors.transport.wire.Audience;
import io.atelier.actors.transport.wire.Follow;
import io.atelier.actors.transport.wire.Frame;
import io.atelier.actors.transport.wire.NodeName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * A node that offers versions of a stream, as one of its followers sees it: what it has, its slots
 * if it is on this host, and its broadcast. Belongs to the agent thread.
 */
final class Source {
  private static final long HEARTBEAT_NANOS = 1_000_000_000L;

  /** Time without an answer after which it is taken for dead: more than two heartbeats are lost. */
  private static final long SILENT_NANOS = 2_500_000_000L;

  /** Takes what is broadcast. */
  interface Listener {
    void onFrame(Source source, Frame frame, long now);
  }

  private final TransportAgent agent;
  private final NodeName node;
  private final String stream;
  private final Listener listener;
  private final SlotReader slotReader;
  private final FrameIntake intake;
  private long[] versions = {};
  private long bytes;
  private Path slots;
  private int address;
  private String channel = "";
  private int aeronStream;
  private long registration = Aeron.NULL_VALUE;
  private Subscription broadcast;
  private long lastHeartbeat;
  private long lastHeard;

  Source(TransportAgent agent, NodeName node, String stream, Listener listener, long now) {
    this.agent = agent;
    this.node = node;
    this.stream = stream;
    this.listener = listener;
    // a damaged chunk is a lost one, which is pulled when the broadcast is over
    Audience all = Audience.broadcast(node.session(), stream);
    this.intake = agent.newIntake(all, "broadcast of " + stream, this::onFrame);
    this.slotReader = new SlotReader(node.session());
    this.lastHeartbeat = now - HEARTBEAT_NANOS;
    this.lastHeard = now;
  }

  NodeName node() {
    return node;
  }

  String stream() {
    return stream;
  }

  boolean has(long version) {
    return Arrays.binarySearch(versions, version) >= 0;
  }

  /** Whether a version is older than what it has. */
  boolean isPast(long version) {
    return versions.length > 0 && version < versions[versions.length - 1];
  }

  /** Bytes of its largest version. */
  long bytes() {
    return bytes;
  }

  /** Folder of its slots, if it is on this host and has some. */
  Optional<Path> slots() {
    return Optional.ofNullable(slots);
  }

  /** Reads them; not for the agent thread. */
  SlotReader slotReader() {
    return slotReader;
  }

  boolean isSilent(long now) {
    return now - lastHeard > SILENT_NANOS;
  }

  boolean isConnected() {
    return broadcast != null && broadcast.isConnected();
  }

  int work(long now) {
    if (now - lastHeartbeat >= HEARTBEAT_NANOS) {
      lastHeartbeat = now;
      byte[] payload = new Follow(agent.self(), stream).encode();
      agent.send(node, Frame.Type.FOLLOW, 0, payload);
    }
    if (broadcast == null && registration != Aeron.NULL_VALUE) {
      try {
        broadcast = agent.aeron().getSubscription(registration);
      } catch (AeronException e) {
        LOG.warn("cannot listen to the broadcast of {}: {}", stream, e.getMessage());
        registration = Aeron.NULL_VALUE;
      }
    }
    return broadcast == null ? 0 : intake.poll(broadcast);
  }

  /** Whether it is this node and this stream that something is announced of. */
  boolean onAnnounced(Announcement announcement, long now) {
    if (!announcement.publisher().equals(node) || !announcement.stream().equals(stream)) {
      return false;
    }
    lastHeard = now;
    versions = announcement.versions();
    bytes = announcement.bytes();
    boolean near = node.host().equals(agent.self().host());
    slots = announcement.slots().filter(folder -> near && Files.isDirectory(folder)).orElse(null);
    address = announcement.broadcast();
    return true;
  }

  /** Listens to its broadcast, if it has one that is understood here, and no slots. */
  void listen() {
    Channels channels = agent.channels();
    if (slots != null || registration != Aeron.NULL_VALUE || !channels.understands(node)) {
      return;
    }
    if (address > 0) {
      listen(channels.from(node, address), Channels.BROADCAST_STREAM);
    } else if (address < 0 && channels.isMulticast()) {
      listen(channels.group(), -address);
    }
  }

  private void listen(String at, int number) {
    channel = at;
    aeronStream = number;
    agent.receiveBypass().add(at, number, intake::land);
    registration = agent.aeron().asyncAddSubscription(at, number);
  }

  /** Leaves its broadcast to others. */
  void close() {
    if (broadcast != null) {
      broadcast.close();
    } else if (registration != Aeron.NULL_VALUE) {
      agent.aeron().asyncRemoveSubscription(registration);
    }
    agent.receiveBypass().remove(channel, aeronStream);
    broadcast = null;
    registration = Aeron.NULL_VALUE;
  }

  private void onFrame(Frame frame, long now) {
    agent.tallies().add(Tally.BROADCAST_FRAMES, 1);
    listener.onFrame(this, frame, now);
  }
}
