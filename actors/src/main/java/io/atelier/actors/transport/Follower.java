package io.atelier.actors.transport;

import io.aeron.Aeron;
import io.aeron.Subscription;
import io.aeron.exceptions.AeronException;
import io.aeron.logbuffer.FragmentHandler;
import io.aeron.logbuffer.Header;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.DirectBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent's side of a stream that is published elsewhere: takes what is broadcast, and pulls what
 * is missing. Belongs to the agent thread.
 */
final class Follower {
  private static final Logger LOG = LoggerFactory.getLogger(DataPlane.class);
  private static final long FOLLOW_EVERY_NANOS = 1_000_000_000L;
  private static final int POLL_FRAGMENTS = 64;

  /** How long a version waits for word of the shortest way to it. */
  private static final long EARLY_NANOS = 500_000_000L;

  /** What keeps the versions. Thread-safe. */
  interface Holder {
    /** A version is here; not called on the agent thread. */
    void landed(long version, ByteBuffer bytes, String hash);

    /** A version cannot be had; not called on the agent thread. */
    void failed(long version, String reason);

    /** Whether somebody waits for a version that is not here. */
    boolean isAskedFor(long version);

    /**
     * Lets go of what the publisher let go of.
     *
     * @param versions available, in ascending order, at least one
     */
    void retain(long[] versions);
  }

  private final Exchange exchange;
  private final NodeName publisher;
  private final String stream;
  private final Holder holder;
  private final FragmentHandler onFragment = this::onFragment;
  private final Frame frame = new Frame();
  private final Map<Long, Pull> pulls = new HashMap<>();
  private final Set<Long> reading = new HashSet<>();
  private final AtomicReference<ByteBuffer> spare = new AtomicReference<>();
  private final SlotReader slotReader;
  private final long created;
  private final Set<Long> early = new HashSet<>();
  private boolean announced;
  private Path slots;
  private long registration = Aeron.NULL_VALUE;
  private Subscription broadcast;
  private long newest = Long.MIN_VALUE;
  private long lastFollow;

  Follower(Exchange exchange, NodeName publisher, String stream, Holder holder) {
    this.exchange = exchange;
    this.publisher = publisher;
    this.stream = stream;
    this.holder = holder;
    this.slotReader = new SlotReader(publisher.session());
    this.created = exchange.now();
    this.lastFollow = created - FOLLOW_EVERY_NANOS;
  }

  int work(long now) {
    if (!announced && !early.isEmpty() && now - created > EARLY_NANOS) {
      announced(now);
    }
    if (now - lastFollow >= FOLLOW_EVERY_NANOS) {
      lastFollow = now;
      byte[] payload = new Follow(exchange.self(), stream).encode();
      exchange.send(publisher, Frame.Type.FOLLOW, 0, payload);
    }
    if (broadcast == null && registration != Aeron.NULL_VALUE) {
      try {
        broadcast = exchange.aeron().getSubscription(registration);
      } catch (AeronException e) {
        LOG.warn("cannot listen to the broadcast of {}: {}", stream, e.getMessage());
        registration = Aeron.NULL_VALUE;
      }
    }
    return broadcast == null ? 0 : broadcast.poll(onFragment, POLL_FRAGMENTS);
  }

  void onAnnounced(Announcement announcement, long now) {
    if (!announcement.publisher().equals(publisher) || !announcement.stream().equals(stream)) {
      return;
    }
    slots = announcement.slots().filter(Files::isDirectory).orElse(null);
    if (slots == null && registration == Aeron.NULL_VALUE && announcement.broadcast() > 0) {
      String channel = exchange.channels().from(publisher, announcement.broadcast());
      registration = exchange.aeron().asyncAddSubscription(channel, Channels.BROADCAST_STREAM);
    }
    announced(now);
    long[] versions = announcement.versions();
    if (versions.length > 0) {
      holder.retain(versions);
      long last = versions[versions.length - 1];
      if (last > newest) {
        begin(last, now);
      }
    }
  }

  /** It is known how versions come here, or it is no use to wait for that. */
  private void announced(long now) {
    announced = true;
    early.forEach(version -> want(version, now));
    early.clear();
  }

  /** Somebody asks for a version. */
  void want(long version, long now) {
    if (!announced) {
      early.add(version);
    } else if (!pulls.containsKey(version) && holder.isAskedFor(version)) {
      begin(version, now);
    }
  }

  private void begin(long version, long now) {
    if (slots == null) {
      pull(version, now);
    } else if (reading.add(version)) {
      Path folder = slots;
      newest = Math.max(newest, version);
      exchange.delivery().execute(() -> readSlot(folder, version));
    }
  }

  /** From memory of this host, and if it is not there, over the network; not the agent thread. */
  private void readSlot(Path folder, long version) {
    boolean read =
        slotReader.read(folder, version, (bytes, hash) -> holder.landed(version, bytes, hash));
    exchange.execute(
        () -> {
          reading.remove(version);
          if (!read && holder.isAskedFor(version)) {
            pull(version, exchange.now());
          }
        });
  }

  /** Takes a version that is new here from the broadcast first, and any other by asking. */
  private Pull pull(long version, long now) {
    boolean listens = version > newest && broadcast != null && broadcast.isConnected();
    Pull pull =
        exchange.newPull(
            publisher,
            new Resource(stream, version),
            exchange.config().maxVersionBytes(),
            new Arrival(version),
            now);
    pulls.put(version, pull);
    if (version > newest) {
      newest = version;
      dropOvertaken();
    }
    if (listens) {
      exchange.pulls().listen(pull);
    } else {
      exchange.pulls().start(pull, now);
    }
    return pull;
  }

  /** A newer version overtakes an unfinished one, unless somebody waits for that very version. */
  private void dropOvertaken() {
    pulls
        .values()
        .removeIf(
            pull -> {
              long version = pull.resource().number();
              boolean overtaken = version < newest && !holder.isAskedFor(version);
              if (overtaken) {
                exchange.pulls().cancel(pull);
              }
              return overtaken;
            });
  }

  void close() {
    pulls.values().forEach(exchange.pulls()::cancel);
    pulls.clear();
    if (broadcast != null) {
      broadcast.close();
    } else if (registration != Aeron.NULL_VALUE) {
      exchange.aeron().asyncRemoveSubscription(registration);
    }
  }

  // ---------------------------------------------------------------- what is broadcast

  private void onFragment(DirectBuffer buffer, int offset, int length, Header header) {
    long now = exchange.now();
    Optional<Tally> refusal =
        frame.read(buffer, offset, length, exchange.token(), publisher.session());
    try {
      if (refusal.isPresent()) {
        // a damaged chunk is a hole, which is pulled when the broadcast is over
        exchange.refuse(refusal.get(), header, "broadcast of " + stream, now);
        return;
      }
      exchange.received(length);
      exchange.tallies().add(Tally.BROADCAST_FRAMES, 1);
      onFrame(now);
    } catch (MalformedException e) {
      exchange.refuse(Tally.REFUSED_MALFORMED, header, e.getMessage(), now);
    }
  }

  private void onFrame(long now) {
    long version = frame.transfer();
    Pull pull = pulls.get(version);
    if (frame.type() == Frame.Type.DESCRIPTION) {
      Description description = Description.decode(frame.payload());
      if (pull == null && version > newest) {
        pull = pull(version, now);
      }
      if (pull != null) {
        exchange.pulls().onDescription(pull, description, now);
      }
    } else if (frame.type() == Frame.Type.CHUNK) {
      if (pull != null) {
        exchange.pulls().onChunk(pull, frame, now);
      }
    } else {
      throw new MalformedException(frame.type() + " is never broadcast");
    }
  }

  /** Hands a version over, and forgets its transfer. */
  private final class Arrival implements Pull.Target {
    private final long version;

    Arrival(long version) {
      this.version = version;
    }

    @Override
    public ByteBuffer memory(int length) {
      ByteBuffer used = spare.getAndSet(null);
      return used != null && used.capacity() >= length
          ? used.clear().limit(length)
          : Parcel.memory(length);
    }

    @Override
    public void landed(ByteBuffer bytes, String hash) {
      holder.landed(version, bytes, hash);
      spare.set(bytes);
      exchange.execute(() -> pulls.remove(version));
    }

    @Override
    public void failed(String reason) {
      holder.failed(version, reason);
      exchange.execute(() -> pulls.remove(version));
    }
  }
}
