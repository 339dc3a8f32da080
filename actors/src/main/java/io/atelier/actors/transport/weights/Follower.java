package io.atelier.actors.transport.weights;

import static io.atelier.actors.transport.TransportLog.LOG;

import io.atelier.actors.transport.MalformedException;
import io.atelier.actors.transport.aeron.TransportAgent;
import io.atelier.actors.transport.metrics.Tally;
import io.atelier.actors.transport.transfer.Pull;
import io.atelier.actors.transport.transfer.Pulls;
import io.atelier.actors.transport.wire.Announcement;
import io.atelier.actors.transport.wire.Description;
import io.atelier.actors.transport.wire.Frame;
import io.atelier.actors.transport.wire.NodeName;
import io.atelier.actors.transport.wire.Resource;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The agent's side of a stream that is published elsewhere: takes what is broadcast, pulls what is
 * missing, and offers it to others. Belongs to the agent thread.
 */
final class Follower {

  /** How long a version waits for word of the shortest way to it. */
  private static final long EARLY_NANOS = 500_000_000L;

  /** Versions offered to others: the newest, and the one that somebody may still be reading. */
  private static final int OFFERED_VERSIONS = 2;

  private final TransportAgent agent;
  private final Pulls pulls;
  private final String stream;
  private final Optional<Offer> offer;
  private final VersionHolder holder;
  private final SourceSelector selector;
  private final Map<Long, Pull> open = new HashMap<>();
  private final Set<Long> reading = new HashSet<>();
  private final SpareMemory spare = new SpareMemory();
  private final long created;
  private final Set<Long> early = new HashSet<>();
  private boolean announced;
  private long newest = Long.MIN_VALUE;

  /**
   * @param offer where what comes over the network is offered to others
   */
  Follower(
      StreamRegistry registry,
      NodeName publisher,
      String stream,
      Optional<Offer> offer,
      VersionHolder holder) {
    this.agent = registry.agent();
    this.pulls = registry.pulls();
    this.stream = stream;
    this.offer = offer;
    this.holder = holder;
    this.created = agent.now();
    this.selector = new SourceSelector(agent, publisher, stream, this::onFrame, created);
  }

  int work(long now) {
    if (!announced && !early.isEmpty() && now - created > EARLY_NANOS) {
      announced(now);
    }
    for (long version : selector.late(now)) {
      LOG.info("{} version {} does not come by a relay, it is pulled", stream, version);
      takeFromPublisher(version, now);
    }
    return selector.work(now);
  }

  void onAnnounced(Announcement announcement, long now) {
    if (selector.onPublisher(announcement, now)) {
      announced(now);
      long[] versions = announcement.versions();
      if (versions.length > 0) {
        holder.retain(versions);
        long last = versions[versions.length - 1];
        if (last > newest) {
          begin(last, now);
        }
      }
    } else {
      selector.onRelay(announcement, now).forEach(version -> begin(version, now));
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
    } else if (holder.isAskedFor(version)) {
      begin(version, now);
    }
  }

  /** Takes a version from where it is; it may be awaited from a relay. */
  private void begin(long version, long now) {
    if (!open.containsKey(version) && !reading.contains(version)) {
      selector.source(version, now).ifPresent(source -> take(source, version, now));
    }
  }

  private void takeFromPublisher(long version, long now) {
    selector.forget(version);
    Pull pull = open.get(version);
    if (pull == null || !pull.isComplete()) {
      cancel(version);
      take(selector.publisher(), version, now);
    }
  }

  private void take(Source source, long version, long now) {
    if (source.slots().isEmpty()) {
      pull(source, version, now);
    } else if (reading.add(version)) {
      Path folder = source.slots().get();
      selector.forget(version);
      newest = Math.max(newest, version);
      agent.delivery().execute(() -> readSlot(source, folder, version));
    }
  }

  /** From memory of this host, and if it is not there, over the network; not the agent thread. */
  private void readSlot(Source source, Path folder, long version) {
    boolean read = false;
    try {
      read =
          source.slotReader().read(folder, version, (bytes, hash) -> found(version, bytes, hash));
    } catch (MalformedException e) {
      failed(source, version, e.getMessage());
      read = true;
    }
    boolean done = read;
    agent.execute(
        () -> {
          reading.remove(version);
          if (done) {
            want(version, agent.now()); // if it was retired again in the meantime
          } else if (holder.isAskedFor(version)) {
            pull(source, version, agent.now());
          }
        });
  }

  private void found(long version, ByteBuffer bytes, String hash) {
    agent.tallies().add(Tally.VERSIONS_FROM_SLOT, 1);
    holder.landed(version, bytes, hash);
  }

  /** Takes a version that is new here from the broadcast first, and any other by asking. */
  private Pull pull(Source source, long version, long now) {
    Arrival arrival = new Arrival(source, version);
    Pull pull =
        pulls.newPull(
            source.node(),
            new Resource(source.stream(), version),
            agent.config().maxPieceBytes(),
            arrival,
            now);
    open.put(version, pull);
    if (version > newest && source.isConnected()) {
      pulls.listen(pull);
    } else {
      pulls.start(pull, now);
    }
    if (version > newest) {
      newest = version;
      dropOvertaken();
    }
    return pull;
  }

  /** A newer version overtakes an unfinished one, unless somebody waits for that very version. */
  private void dropOvertaken() {
    Set<Long> all = new HashSet<>(selector.awaited());
    all.addAll(open.keySet());
    for (long version : all) {
      if (version < newest && !holder.isAskedFor(version)) {
        cancel(version);
      }
    }
  }

  private void cancel(long version) {
    selector.forget(version);
    Pull pull = open.remove(version);
    if (pull != null) {
      pulls.cancel(pull);
      if (!pull.isComplete()) {
        ((Arrival) pull.target()).giveBack();
      } // else it is being handed over
    }
  }

  void close() {
    List<Long> unbegun = new ArrayList<>(selector.awaited());
    unbegun.addAll(early);
    String reason = "the data plane of " + agent.self() + " is closed";
    agent.delivery().execute(() -> unbegun.forEach(version -> holder.failed(version, reason)));
    List.copyOf(open.keySet()).forEach(this::cancel);
    selector.close();
  }

  // ---------------------------------------------------------------- what arrives

  private void onFrame(Source source, Frame frame, long now) {
    long version = frame.transfer();
    Pull pull = open.get(version);
    if (frame.type() == Frame.Type.DESCRIPTION) {
      Description description = Description.decode(frame.payload());
      if (pull == null && version > newest) {
        pull = pull(source, version, now);
        if (source != selector.publisher()) {
          selector.await(version, now);
        }
      }
      if (pull != null) {
        pulls.onDescription(pull, description, now);
      }
      return;
    }
    if (frame.type() != Frame.Type.CHUNK) {
      throw new MalformedException(frame.type() + " is never broadcast");
    }
    if (pull != null) {
      pulls.onChunk(pull, frame, now);
    }
  }

  /** A version could not be had from a source: the publisher is asked next. */
  private void failed(Source source, long version, String reason) {
    boolean again =
        source != selector.publisher()
            && agent.execute(() -> takeFromPublisher(version, agent.now()));
    if (!again) {
      holder.failed(version, reason);
    }
  }

  /** Hands a version over, and forgets its transfer. */
  private final class Arrival implements Pull.Target {
    private final Source source;
    private final long version;

    /** What is not handed over or given back yet; the version may be overtaken at any time. */
    private final AtomicReference<Offer.Space> space = new AtomicReference<>();

    Arrival(Source source, long version) {
      this.source = source;
      this.version = version;
    }

    @Override
    public ByteBuffer memory(int length) {
      Offer.Space taken =
          offer
              .map(o -> o.space(length))
              .orElseGet(() -> new Offer.Space(spare.take(length), Optional.empty()));
      space.set(taken);
      return taken.bytes();
    }

    void giveBack() {
      Offer.Space taken = space.getAndSet(null);
      if (taken == null) {
        return;
      }
      offer.ifPresentOrElse(o -> o.giveBack(taken), () -> spare.giveBack(taken.bytes()));
    }

    @Override
    public void landed(ByteBuffer bytes, String hash) {
      Offer.Space taken = space.getAndSet(null);
      if (taken == null) {
        return; // overtaken
      }
      boolean direct = source == selector.publisher();
      agent.tallies().add(direct ? Tally.VERSIONS_FROM_PUBLISHER : Tally.VERSIONS_FROM_RELAY, 1);
      // before it is decoded here, so that nobody waits for that
      ByteBuffer whole = bytes.duplicate().order(bytes.order());
      boolean offered = offer.isPresent() && offer.get().put(version, taken, hash);
      boolean good = false;
      try {
        holder.landed(version, whole, hash);
        good = true;
        agent.execute(
            () -> {
              forget();
              want(version, agent.now()); // if it was retired again in the meantime
            });
      } catch (MalformedException e) {
        failed(e.getMessage());
      }
      if (offered) {
        offer.ifPresent(good ? this::keepFew : o -> o.retire(version));
      } else {
        space.set(taken);
        giveBack();
      }
    }

    private void keepFew(Offer few) {
      long[] versions = few.versions();
      if (versions.length > OFFERED_VERSIONS) {
        few.retire(versions[0]);
      }
    }

    @Override
    public void failed(String reason) {
      giveBack();
      agent.execute(this::forget);
      Follower.this.failed(source, version, reason);
    }

    private void forget() {
      selector.forget(version);
      open.values().removeIf(pull -> pull.target() == this);
    }
  }
}
