package io.atelier.actors.transport.transfer;

import io.atelier.actors.transport.HostLimitException;
import io.atelier.actors.transport.MalformedException;
import io.atelier.actors.transport.aeron.Participant;
import io.atelier.actors.transport.aeron.TransportAgent;
import io.atelier.actors.transport.metrics.Tallies;
import io.atelier.actors.transport.metrics.Tally;
import io.atelier.actors.transport.wire.Description;
import io.atelier.actors.transport.wire.Frame;
import io.atelier.actors.transport.wire.Missing;
import io.atelier.actors.transport.wire.NodeName;
import io.atelier.actors.transport.wire.Request;
import io.atelier.actors.transport.wire.Resource;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * Everything on its way here. A receiver asks for a window of chunks at a time, so that it gets no
 * more than it can take; what does not come is asked for again, and a transfer without any progress
 * fails. Belongs to the agent thread.
 */
public final class Pulls implements Participant {

  /** Transfers at a time; the others wait for their turn. */
  private static final int MAX_ACTIVE = 8;

  private static final int MAX_WAITING = 4_096;

  /** Silence after which missing chunks are asked for again; shorter if a stall is short. */
  private static final long AGAIN_NANOS = 300_000_000L;

  /** Silence after which a broadcast is over. */
  private static final long QUIET_NANOS = 100_000_000L;

  private final TransportAgent agent;
  private final int window;
  private final long stallNanos;
  private final Executor delivery;
  private final Tallies tallies;
  private final Map<Long, Pull> active = new HashMap<>();
  private final Deque<Pull> waiting = new ArrayDeque<>();

  private long lastId = new SecureRandom().nextLong();

  public Pulls(TransportAgent agent) {
    this.agent = agent;
    this.window = Math.max(1, agent.config().windowBytes() / agent.channels().chunkBytes());
    this.delivery = agent.delivery();
    this.stallNanos = agent.config().stall().toNanos();
    this.tallies = agent.tallies();
    agent.handle(Frame.Type.CHUNK, this::onChunk);
    agent.handle(
        Frame.Type.DESCRIPTION,
        (frame, now) -> onDescription(frame.transfer(), Description.decode(frame.payload()), now));
    agent.handle(
        Frame.Type.MISSING,
        (frame, now) -> onMissing(frame.transfer(), Missing.decode(frame.payload())));
  }

  /**
   * A transfer to be started. Its number is not used twice, and begins anywhere, so that what
   * belongs to a transfer of another node does not fit one of this node.
   */
  public Pull newPull(
      NodeName source, Resource resource, long maxBytes, Pull.Target target, long now) {
    return new Pull(++lastId, source, resource, maxBytes, target, now);
  }

  /** Asks for all of a resource, now or when others are done. */
  public void start(Pull pull, long now) {
    if (active.size() < MAX_ACTIVE) {
      active.put(pull.id(), pull);
      request(pull, true, pull.first(window, now));
    } else if (waiting.size() < MAX_WAITING) {
      waiting.add(pull);
    } else {
      fail(pull, MAX_WAITING + " transfers wait already");
    }
  }

  /** Takes what is broadcast of a resource, and asks for the rest when the broadcast is over. */
  public void listen(Pull pull) {
    pull.listen(true);
    active.put(pull.id(), pull);
  }

  public void cancel(Pull pull) {
    end(pull);
    waiting.remove(pull);
  }

  @Override
  public void close() {
    String reason = "the data plane of " + agent.self() + " is closed";
    List.copyOf(active.values()).forEach(pull -> fail(pull, reason));
    List.copyOf(waiting).forEach(pull -> fail(pull, reason));
  }

  @Override
  public int receive(long now) {
    int done = 0;
    for (Pull pull : new ArrayList<>(active.values())) {
      done += work(pull, now);
    }
    while (active.size() < MAX_ACTIVE && !waiting.isEmpty()) {
      start(waiting.remove(), now);
      done++;
    }
    return done;
  }

  private int work(Pull pull, long now) {
    if (pull.isListening()) {
      if (now - pull.lastMove() <= QUIET_NANOS) {
        return 0;
      }
      pull.listen(false);
      ask(pull, now);
    } else if (now - pull.lastProgress() > stallNanos) {
      fail(pull, "nothing came for " + stallNanos / 1_000_000 + " ms");
    } else if (now - pull.lastMove() > Math.min(AGAIN_NANOS, stallNanos / 3)) {
      ask(pull, now);
    } else {
      return 0;
    }
    return 1;
  }

  private void ask(Pull pull, long now) {
    int[] ranges = pull.isDescribed() ? pull.again(window, now) : pull.first(window, now);
    for (int i = 1; i < ranges.length; i += 2) {
      tallies.add(Tally.ASKED_AGAIN, ranges[i]);
    }
    request(pull, !pull.isDescribed(), ranges);
  }

  private void request(Pull pull, boolean describe, int[] ranges) {
    byte[] payload = new Request(agent.self(), pull.resource(), describe, ranges).encode();
    agent.send(pull.source(), Frame.Type.REQUEST, pull.id(), payload);
  }

  // ---------------------------------------------------------------- what arrives

  private void onDescription(long id, Description description, long now) {
    Pull pull = active.get(id);
    if (pull != null) {
      onDescription(pull, description, now);
    }
  }

  public void onDescription(Pull pull, Description description, long now) {
    try {
      pull.describe(description, now);
    } catch (MalformedException | HostLimitException e) {
      fail(pull, e.getMessage());
    }
  }

  private void onChunk(Frame frame, long now) {
    Pull pull = active.get(frame.transfer());
    if (pull != null) {
      onChunk(pull, frame, now);
    }
  }

  /** Lands a chunk, if it is awaited. */
  public void onChunk(Pull pull, Frame frame, long now) {
    if (!active.containsKey(pull.id()) || !pull.land(frame, now)) {
      return; // complete, or not begun, or twice
    }
    if (pull.isComplete()) {
      end(pull);
      delivery.execute(() -> pull.target().landed(pull.bytes(), pull.description().hash()));
    } else if (pull.isDescribed() && !pull.isListening()) {
      int[] ranges = pull.next(window, now);
      if (ranges.length > 0) {
        request(pull, false, ranges);
      }
    }
  }

  /** Writes no more into its memory. */
  private void end(Pull pull) {
    active.remove(pull.id());
  }

  private void onMissing(long id, String reason) {
    Pull pull = active.get(id);
    if (pull != null) {
      fail(pull, reason);
    }
  }

  private void fail(Pull pull, String reason) {
    cancel(pull);
    tallies.add(Tally.FAILED, 1);
    delivery.execute(() -> pull.target().failed(reason));
  }
}
