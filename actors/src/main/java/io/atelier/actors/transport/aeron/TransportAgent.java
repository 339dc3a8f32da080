package io.atelier.actors.transport.aeron;

import io.aeron.Aeron;
import io.aeron.Subscription;
import io.atelier.actors.transport.RunKey;
import io.atelier.actors.transport.TransportConfig;
import io.atelier.actors.transport.metrics.Tallies;
import io.atelier.actors.transport.metrics.Tally;
import io.atelier.actors.transport.wire.Audience;
import io.atelier.actors.transport.wire.Content;
import io.atelier.actors.transport.wire.Frame;
import io.atelier.actors.transport.wire.NodeName;
import io.atelier.actors.transport.wire.Opener;
import io.atelier.actors.transport.wire.Sealer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentTerminationException;
import org.agrona.concurrent.NanoClock;

/**
 * The agent of a data plane: one thread that takes frames in, hands each to the handler of its
 * type, sends what is queued, and has the media driver of the process do its part. Other threads
 * hand it commands. It decodes no values and waits for nobody.
 *
 * <p>It does not know what the frames are for: handlers and participants are added before it runs.
 */
public final class TransportAgent implements Agent {
  private static final long QUEUE_IDLE_NANOS = 60_000_000_000L;
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
  private final ReceiveBypass receiveBypass;
  private final AwakeClock clock;
  private final Executor delivery;
  private final Runnable wake;
  private final Tallies tallies;
  private final Opener opener;
  private final FrameIntake intake;
  private final Queue<Runnable> commands = new ConcurrentLinkedQueue<>();
  private final Map<Frame.Type, FrameHandler> handlers = new EnumMap<>(Frame.Type.class);
  private final List<Participant> participants = new ArrayList<>();
  private final SendQueues queues;
  private volatile RunKey key;
  private volatile boolean closed;
  private long lastHousekeeping;

  /**
   * @param drive lets the media driver work, if that has no thread of its own: how much it did
   * @param wake unparks the agent thread
   */
  public TransportAgent(
      TransportConfig config,
      NodeName self,
      Aeron aeron,
      List<Subscription> inboxes,
      IntSupplier drive,
      ReceiveBypass receiveBypass,
      SendBypass sendBypass,
      NanoClock clock,
      Executor delivery,
      Runnable wake) {
    this.config = config;
    this.channels = new Channels(config);
    this.self = self;
    this.aeron = aeron;
    this.inboxes = inboxes;
    this.drive = drive;
    this.receiveBypass = receiveBypass;
    long rest = TimeUnit.MILLISECONDS.toNanos(SelectorIdleStrategy.MAX_MILLIS);
    this.clock = new AwakeClock(clock, Math.max(config.stall().toNanos() / LATE, 2 * rest));
    this.delivery = delivery;
    this.wake = wake;
    this.key = config.key();
    this.opener = new Opener(() -> key);
    this.tallies = new Tallies(now());
    Sealer sealer = new Sealer(() -> key);
    this.queues = new SendQueues(config, self, aeron, sealer, this::now, tallies, sendBypass);
    this.lastHousekeeping = now();
    this.intake = newIntake(Audience.inbox(self.session()), "a frame to " + self, new Dispatcher());
    receiveBypass.add(channels.inbox(), Channels.INBOX_STREAM, intake::land);
  }

  // ---------------------------------------------------------------- before it runs

  /** Says what is done with frames of a type; those of a type without a handler are ignored. */
  public void handle(Frame.Type type, FrameHandler handler) {
    handlers.put(type, handler);
  }

  /** Participants receive and send in the order in which they were added, and close in reverse. */
  public void add(Participant participant) {
    participants.add(participant);
  }

  // ---------------------------------------------------------------- for any thread

  public NodeName self() {
    return self;
  }

  public TransportConfig config() {
    return config;
  }

  public Channels channels() {
    return channels;
  }

  public Tallies tallies() {
    return tallies;
  }

  public void key(RunKey shared) {
    key = shared;
  }

  /** Runs a command on the agent thread, which is unparked; false if the data plane is closed. */
  public boolean execute(Runnable command) {
    commands.add(command);
    wake.run();
    return !closed || !commands.remove(command);
  }

  // ---------------------------------------------------------------- for the agent thread

  public Aeron aeron() {
    return aeron;
  }

  /** Where what came is handed over, which may take long. */
  public Executor delivery() {
    return delivery;
  }

  /** Takes chunks straight from the sockets of this process. */
  public ReceiveBypass receiveBypass() {
    return receiveBypass;
  }

  /** In nanoseconds; stands still while this process does. */
  public long now() {
    return clock.now();
  }

  /** Queues a message to a node; one that cannot be reached now is counted, and lost. */
  public void send(NodeName to, Frame.Type type, long transfer, byte[] payload) {
    long now = now();
    SendQueue queue = queues.to(to);
    if (queue == null || !queue.send(type, transfer, payload, now)) {
      tallies.refuse(Tally.REFUSED_OVERFLOW, to.toString(), "too much waits to be sent", now);
    }
  }

  /** Queues chunks to a node; if too many wait they are counted, and not sent. */
  public void send(NodeName to, PendingChunks chunks, long now) {
    SendQueue queue = queues.to(to);
    if (queue == null || !queue.send(chunks, now)) {
      tallies.refuse(Tally.REFUSED_OVERFLOW, to.toString(), "too many open requests", now);
    }
  }

  /**
   * A queue of its own, which its user works and closes.
   *
   * @param audience that its frames are for
   * @param apart whether the payloads of chunks are not in its log buffer
   */
  public SendQueue newQueue(String channel, int stream, Audience audience, boolean apart) {
    return queues.open(channel, stream, audience, apart);
  }

  /**
   * Takes frames in that are not sent to the inbox.
   *
   * @param audience that they are for
   * @param what is refused, for the log
   */
  public FrameIntake newIntake(Audience audience, String what, FrameHandler handler) {
    return new FrameIntake(opener, audience, this::now, tallies, what, handler);
  }

  /** Sends no more of this content, whose memory will be reused. */
  public void drop(Content content) {
    queues.drop(content);
    participants.forEach(participant -> participant.drop(content));
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
      work += intake.poll(inbox);
    }
    long now = now();
    for (Participant participant : participants) {
      work += participant.receive(now);
    }
    work += queues.work(now);
    for (Participant participant : participants) {
      work += participant.send(now);
    }
    work += drive.getAsInt(); // last, so that what was written is on its way when the turn is over
    if (now - lastHousekeeping > HOUSEKEEPING_NANOS) {
      lastHousekeeping = now;
      queues.closeUnusedSince(now - QUEUE_IDLE_NANOS);
    }
    return work;
  }

  @Override
  public void onClose() {
    closed = true;
    for (Runnable command = commands.poll(); command != null; command = commands.poll()) {
      command.run();
    }
    for (int i = participants.size() - 1; i >= 0; i--) {
      participants.get(i).close();
    }
    queues.close();
  }

  /** Hands frames of the inbox to the handlers of their types. */
  private final class Dispatcher implements FrameHandler {
    @Override
    public void onFrame(Frame frame, long now) {
      FrameHandler handler = handlers.get(frame.type());
      if (handler != null) {
        handler.onFrame(frame, now);
      }
    }
  }
}
