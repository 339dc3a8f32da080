package io.atelier.actors.transport;

import io.aeron.Aeron;
import io.aeron.Image;
import io.aeron.Subscription;
import io.aeron.logbuffer.FragmentHandler;
import io.aeron.logbuffer.Header;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.LongConsumer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentTerminationException;
import org.agrona.concurrent.NanoClock;

/**
 * The agent of a data plane: one thread that takes frames in, answers them and sends what is
 * queued, and has the media driver of the process do its part. Other threads hand it commands. It
 * decodes no values and waits for nobody.
 */
final class Exchange implements Agent {
  private static final int POLL_FRAGMENTS = 64;
  private static final int MAX_LANES = 1_024;
  private static final long LANE_IDLE_NANOS = 60_000_000_000L;
  private static final long HOUSEKEEPING_NANOS = 100_000_000L;

  /**
   * Share of the time in which a transfer stalls that a turn may be late by, and that a pause
   * counts for.
   */
  private static final int LATE = 8;

  private final TransportConfig config;
  private final Channels channels;
  private final NodeName self;
  private final Aeron aeron;
  private final List<Subscription> inboxes;
  private final IntSupplier drive;
  private final Landings landings;
  private final Departures departures;
  private final AwakeClock clock;
  private final Executor delivery;
  private final Runnable wake;
  private final Tallies tallies;
  private final Pulls pulls;
  private final FragmentHandler onFragment = this::onFragment;
  private final Frame frame = new Frame();
  private final Queue<Runnable> commands = new ConcurrentLinkedQueue<>();
  private final Map<Resource, Parcel> shelf = new ConcurrentHashMap<>();
  private final Map<NodeName, Lane> lanes = new HashMap<>();
  private final Map<String, Publisher> publishers = new HashMap<>();
  private final List<Follower> followers = new ArrayList<>();
  private volatile long token;
  private volatile boolean closed;
  private volatile LongConsumer onRelease = id -> {};
  private long lastPull = new SecureRandom().nextLong();
  private long lastHousekeeping;

  /**
   * @param drive lets the media driver work, if that has no thread of its own: how much it did
   * @param wake ends the rest of the agent thread
   */
  Exchange(
      TransportConfig config,
      NodeName self,
      Aeron aeron,
      List<Subscription> inboxes,
      IntSupplier drive,
      Landings landings,
      Departures departures,
      NanoClock clock,
      Executor delivery,
      Runnable wake) {
    this.config = config;
    this.channels = new Channels(config);
    this.self = self;
    this.aeron = aeron;
    this.inboxes = inboxes;
    this.drive = drive;
    this.landings = landings;
    this.departures = departures;
    long rest = TimeUnit.MILLISECONDS.toNanos(Rest.MAX_MILLIS);
    this.clock = new AwakeClock(clock, Math.max(config.stall().toNanos() / LATE, 2 * rest));
    this.delivery = delivery;
    this.wake = wake;
    this.token = config.token();
    this.tallies = new Tallies(now());
    this.lastHousekeeping = now();
    int window = Math.max(1, config.windowBytes() / channels.chunkBytes());
    this.pulls = new Pulls(this, window, delivery);
    landings.add(channels.inbox(), Channels.INBOX_STREAM, this::land);
    landings.room(pulls::room);
  }

  // ---------------------------------------------------------------- for any thread

  NodeName self() {
    return self;
  }

  TransportConfig config() {
    return config;
  }

  Channels channels() {
    return channels;
  }

  Tallies tallies() {
    return tallies;
  }

  void token(long shared) {
    token = shared;
  }

  /** What is to be done when another node lets go of a blob. */
  void onRelease(LongConsumer action) {
    onRelease = action;
  }

  void offer(Resource resource, Parcel parcel) {
    shelf.put(resource, parcel);
  }

  /** Sends no more of a resource, then runs an action, after which its memory may change. */
  void withdraw(Resource resource, Runnable action) {
    Parcel parcel = shelf.remove(resource);
    execute(
        () -> {
          lanes.values().forEach(lane -> lane.drop(parcel));
          publishers.values().forEach(publisher -> publisher.drop(parcel));
          action.run();
        });
  }

  /**
   * Runs a command on the agent thread, which is woken if it rests; false if the data plane is
   * closed.
   */
  boolean execute(Runnable command) {
    commands.add(command);
    wake.run();
    return !closed || !commands.remove(command);
  }

  // ---------------------------------------------------------------- for the agent thread

  Aeron aeron() {
    return aeron;
  }

  /** Where what came is handed over, which may take long. */
  Executor delivery() {
    return delivery;
  }

  Pulls pulls() {
    return pulls;
  }

  /** Who takes chunks from the sockets of this process. */
  Landings landings() {
    return landings;
  }

  /** In nanoseconds; stands still while this process does. */
  long now() {
    return clock.now();
  }

  long token() {
    return token;
  }

  /** Queues a message to a node; one that cannot be reached now is counted, and lost. */
  void send(NodeName to, Frame.Type type, long transfer, byte[] payload) {
    long now = now();
    Lane lane = lane(to);
    if (lane == null || !lane.send(type, transfer, payload, now)) {
      tallies.refuse(Tally.REFUSED_OVERFLOW, to.toString(), "too much waits to be sent", now);
    }
  }

  /** The way to a node; null if there are too many nodes. */
  private Lane lane(NodeName node) {
    if (lanes.size() >= MAX_LANES && !lanes.containsKey(node)) {
      return null;
    }
    return lanes.computeIfAbsent(
        node,
        to ->
            self.sharesDriverWith(to)
                ? newLane(channels.shared(), to.session(), to.session(), false)
                : newLane(
                    channels.to(to), Channels.INBOX_STREAM, to.session(), channels.isApart(to)));
  }

  /**
   * @param apart whether the payloads of chunks are not in its log buffer
   */
  Lane newLane(String channel, int stream, int session, boolean apart) {
    return new Lane(
        aeron,
        channel,
        stream,
        session,
        this::token,
        config.stall().toNanos(),
        tallies,
        apart ? Optional.of(departures) : Optional.empty(),
        now());
  }

  void add(Publisher publisher) {
    publishers.put(publisher.stream(), publisher);
  }

  void remove(Publisher publisher) {
    publishers.remove(publisher.stream(), publisher);
    publisher.close();
  }

  void add(Follower follower) {
    followers.add(follower);
  }

  void remove(Follower follower) {
    followers.remove(follower);
    follower.close();
  }

  /**
   * A transfer to be started. Its number is not used twice, and begins anywhere, so that what
   * belongs to a transfer of another node does not fit one of this node.
   */
  Pull newPull(NodeName source, Resource resource, long maxBytes, Pull.Target target, long now) {
    return new Pull(++lastPull, source, resource, maxBytes, target, now);
  }

  @Override
  public String roleName() {
    return "data-plane";
  }

  @Override
  public int doWork() {
    if (aeron.isClosed()) {
      onClose();
      throw new AgentTerminationException();
    }
    clock.turn();
    int work = 0;
    for (Runnable command = commands.poll(); command != null; command = commands.poll()) {
      command.run();
      work++;
    }
    for (Subscription inbox : inboxes) {
      work += inbox.poll(onFragment, POLL_FRAGMENTS);
    }
    long now = now();
    for (Follower follower : followers) {
      work += follower.work(now);
    }
    work += pulls.work(now);
    for (Lane lane : lanes.values()) {
      work += lane.work(now);
    }
    for (Publisher publisher : publishers.values()) {
      work += publisher.work(now);
    }
    work += drive.getAsInt(); // last, so that what was written is on its way when the turn is over
    if (now - lastHousekeeping > HOUSEKEEPING_NANOS) {
      lastHousekeeping = now;
      closeLanesUnusedSince(now - LANE_IDLE_NANOS);
    }
    return work;
  }

  private void closeLanesUnusedSince(long time) {
    lanes
        .values()
        .removeIf(
            lane -> {
              boolean idle = lane.isUnusedSince(time);
              if (idle) {
                lane.close();
              }
              return idle;
            });
  }

  @Override
  public void onClose() {
    closed = true;
    for (Runnable command = commands.poll(); command != null; command = commands.poll()) {
      command.run();
    }
    pulls.failAll("the data plane of " + self + " is closed");
    lanes.values().forEach(Lane::close);
    publishers.values().forEach(Publisher::close);
    List.copyOf(followers).forEach(Follower::close);
  }

  // ---------------------------------------------------------------- what arrives

  /** A frame to this node, straight from the socket. */
  private boolean land(Datagram datagram) {
    Optional<Tally> refusal = frame.read(datagram, token, self.session());
    boolean lands = datagram.isApart() || refusal.isEmpty() && frame.type().lands();
    if (lands) {
      take(refusal, datagram.length(), datagram.from());
      tallies.add(Tally.LANDED_FRAMES, 1);
    }
    return lands;
  }

  private void onFragment(DirectBuffer buffer, int offset, int length, Header header) {
    Optional<Tally> refusal = frame.read(buffer, offset, length, token, self.session());
    take(refusal, length, origin(header));
  }

  /** Where a fragment is from. */
  static String origin(Header header) {
    return header.context() instanceof Image image ? image.sourceIdentity() : "nowhere";
  }

  /**
   * @param from where it is from; made a text only if the frame is refused
   */
  private void take(Optional<Tally> refusal, int length, Object from) {
    long now = now();
    try {
      if (refusal.isPresent()) {
        tallies.refuse(refusal.get(), from.toString(), "a frame to " + self, now);
        if (refusal.get() == Tally.REFUSED_CORRUPT && frame.type() == Frame.Type.CHUNK) {
          pulls.onDamaged(frame.transfer(), frame);
        }
        return;
      }
      received(length);
      dispatch(now);
    } catch (MalformedException e) {
      tallies.refuse(Tally.REFUSED_MALFORMED, from.toString(), e.getMessage(), now);
    }
  }

  void received(int length) {
    tallies.add(Tally.RECEIVED_FRAMES, 1);
    tallies.add(Tally.RECEIVED_BYTES, length);
  }

  private void dispatch(long now) {
    long transfer = frame.transfer();
    switch (frame.type()) {
      case CHUNK -> pulls.onChunk(transfer, frame, now);
      case DESCRIPTION -> pulls.onDescription(transfer, Description.decode(frame.payload()), now);
      case MISSING -> pulls.onMissing(transfer, Missing.decode(frame.payload()));
      case REQUEST -> serve(transfer, Request.decode(frame.payload()), now);
      case RELEASE -> {
        frame.payload().end();
        onRelease.accept(transfer);
      }
      case FOLLOW -> {
        Follow follow = Follow.decode(frame.payload());
        Publisher publisher = publishers.get(follow.stream());
        if (publisher != null) {
          publisher.onFollow(follow.from(), now);
        }
      }
      case ANNOUNCE -> {
        Announcement announcement = Announcement.decode(frame.payload());
        List.copyOf(followers).forEach(follower -> follower.onAnnounced(announcement, now));
      }
    }
  }

  private void serve(long transfer, Request request, long now) {
    Parcel parcel = shelf.get(request.resource());
    if (parcel == null) {
      String reason = "%s has no %s".formatted(self, request.resource());
      send(request.from(), Frame.Type.MISSING, transfer, Missing.encode(reason));
      return;
    }
    Description description = parcel.description();
    int[] ranges = request.ranges().clone();
    for (int i = 0; i < ranges.length; i += 2) {
      if (ranges[i] >= description.chunks()) {
        throw new MalformedException(
            "chunk %d of %s was asked for, which has %d"
                .formatted(ranges[i], request.resource(), description.chunks()));
      }
      ranges[i + 1] = Math.min(ranges[i + 1], description.chunks() - ranges[i]);
    }
    if (request.describe()) {
      send(request.from(), Frame.Type.DESCRIPTION, transfer, description.encode());
    }
    Lane lane = lane(request.from());
    if (lane == null || !lane.send(new Order(parcel, transfer, ranges), now)) {
      tallies.refuse(
          Tally.REFUSED_OVERFLOW, request.from().toString(), "too many open orders", now);
    }
  }
}
