package io.atelier.actors.transport.aeron;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.Publication;
import io.aeron.exceptions.AeronException;
import io.aeron.logbuffer.BufferClaim;
import io.atelier.actors.transport.metrics.Tallies;
import io.atelier.actors.transport.metrics.Tally;
import io.atelier.actors.transport.wire.Checksum;
import io.atelier.actors.transport.wire.Chunk;
import io.atelier.actors.transport.wire.Frame;
import io.atelier.actors.transport.wire.Parcel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What goes out to one place: messages first, then chunks in the order they were asked for. Never
 * waits: what the connection does not take now is sent in a later turn. Belongs to the agent
 * thread.
 */
public final class Lane {
  private static final int MAX_MESSAGES = 1_024;
  private static final int MAX_ORDERS = 256;
  private static final int MAX_ORDERS_OF_A_TRANSFER = 64;

  /** Bytes in one turn, so that a lane does not hold up the others. */
  private static final int TURN_BYTES = 1 << 17;

  private record Message(Frame.Type type, long transfer, byte[] payload, int crc) {}

  private final Aeron aeron;
  private final String channel;
  private final int stream;
  private final int session;
  private final LongSupplier token;
  private final long patienceNanos;
  private final Tallies tallies;
  private final Optional<Departures> departures;
  private final Frame frame = new Frame();
  private final Checksum checksum = new Checksum();
  private final BufferClaim claim = new BufferClaim();
  private final Deque<Message> messages = new ArrayDeque<>();
  private final Deque<Order> orders = new ArrayDeque<>();
  private long registration = Aeron.NULL_VALUE;
  private ExclusivePublication publication;
  private Optional<Departures.Connection> apart = Optional.empty();
  private long lastUse;
  private long lastConnected;
  private long sentBytes;
  private boolean failed;
  private int frameBytes;

  /**
   * @param session what its frames carry: the receiver's, or for a broadcast its own
   * @param patienceNanos time without a connection after which what waits is thrown away
   * @param departures where chunks are, if their payloads are not in the log buffer
   */
  Lane(
      Aeron aeron,
      String channel,
      int stream,
      int session,
      LongSupplier token,
      long patienceNanos,
      Tallies tallies,
      Optional<Departures> departures,
      long now) {
    this.aeron = aeron;
    this.channel = channel;
    this.stream = stream;
    this.session = session;
    this.token = token;
    this.patienceNanos = patienceNanos;
    this.tallies = tallies;
    this.departures = departures;
    this.lastUse = now;
    this.lastConnected = now;
  }

  /** Queues a message; false if too many wait. */
  public boolean send(Frame.Type type, long transfer, byte[] payload, long now) {
    if (messages.size() == MAX_MESSAGES) {
      return false;
    }
    used(now);
    int crc = checksum.of(new UnsafeBuffer(payload), 0, payload.length);
    messages.add(new Message(type, transfer, payload, crc));
    return true;
  }

  /** Queues chunks; false if too many wait, of all transfers or of this one. */
  public boolean send(Order order, long now) {
    if (orders.size() == MAX_ORDERS
        || orders.stream().filter(o -> o.transfer() == order.transfer()).count()
            == MAX_ORDERS_OF_A_TRANSFER) {
      return false;
    }
    used(now);
    orders.add(order);
    return true;
  }

  private void used(long now) {
    if (isIdle()) {
      lastConnected = now;
    }
    lastUse = now;
  }

  /** Whether nothing waits and nothing was queued since a time in nanoseconds, or it is broken. */
  boolean isUnusedSince(long time) {
    return failed || isIdle() && lastUse - time < 0;
  }

  /** Bytes sent since the beginning. */
  public long sentBytes() {
    return sentBytes;
  }

  /** Sends nothing of what is queued. */
  public void clear() {
    messages.clear();
    orders.clear();
  }

  public boolean isConnected() {
    return publication != null && publication.isConnected();
  }

  public boolean isOpen() {
    return publication != null;
  }

  /** Port of a broadcast; 0 until it is open. */
  public int localPort() {
    List<String> addresses = publication == null ? List.of() : publication.localSocketAddresses();
    return addresses.isEmpty()
        ? 0
        : Integer.parseInt(addresses.get(0).substring(addresses.get(0).lastIndexOf(':') + 1));
  }

  /** Sends no more of a parcel, whose memory will be used for another. */
  public void drop(Parcel parcel) {
    orders.removeIf(order -> order.parcel() == parcel);
    apart.ifPresent(connection -> connection.forget(parcel));
  }

  /** Opens the publication, without waiting for it; whether it is open. */
  public boolean open() {
    try {
      if (publication == null && !failed) {
        if (registration == Aeron.NULL_VALUE) {
          registration = aeron.asyncAddExclusivePublication(channel, stream);
        }
        publication = aeron.getExclusivePublication(registration);
        if (publication != null) {
          apart = departures.map(d -> d.open(publication.sessionId()));
        }
      }
    } catch (AeronException e) {
      failed = true;
      registration = Aeron.NULL_VALUE;
      discard(e.getMessage(), lastUse);
    }
    return publication != null;
  }

  /** Sends what fits into a turn; the number of frames. */
  public int work(long now) {
    return isIdle() || !open() ? 0 : sendTurn(now);
  }

  public boolean isIdle() {
    return messages.isEmpty() && orders.isEmpty();
  }

  private int sendTurn(long now) {
    int frames = 0;
    int bytes = 0;
    while (bytes < TURN_BYTES) {
      long answer = messages.isEmpty() ? sendChunk() : sendMessage();
      if (answer > 0) {
        frames++;
        bytes += frameBytes;
        lastConnected = now;
      } else if (answer == 0) {
        break;
      } else if (answer == Publication.BACK_PRESSURED || answer == Publication.ADMIN_ACTION) {
        tallies.add(Tally.BACK_PRESSURED, 1);
        break;
      } else if (answer == Publication.NOT_CONNECTED) {
        if (now - lastConnected > patienceNanos) {
          discard("nobody listens", now);
        }
        break;
      } else {
        // CLOSED, or MAX_POSITION_EXCEEDED: a new publication begins at position 0
        close();
        break;
      }
    }
    tallies.add(Tally.SENT_FRAMES, frames);
    tallies.add(Tally.SENT_BYTES, bytes);
    sentBytes += bytes;
    return frames;
  }

  /** Sends the next message; the answer of the publication. */
  private long sendMessage() {
    Message message = messages.peek();
    byte[] payload = message.payload();
    frameBytes = Frame.HEADER + payload.length;
    long answer = publication.tryClaim(frameBytes, claim);
    if (answer > 0) {
      int at = claim.offset();
      claim.buffer().putBytes(at + Frame.HEADER, payload);
      frame.write(
          claim.buffer(),
          at,
          message.type(),
          token.getAsLong(),
          session,
          message.transfer(),
          0,
          payload.length,
          message.crc());
      claim.commit();
      messages.remove();
    }
    return answer;
  }

  /** Sends the next chunk; the answer of the publication, or 0 if there is none. */
  private long sendChunk() {
    Order order = orders.peek();
    if (order == null) {
      return 0;
    }
    Chunk chunk =
        new Chunk(order.parcel(), token.getAsLong(), session, order.transfer(), order.chunk());
    frameBytes = chunk.frameLength();
    long answer =
        publication.tryClaim(apart.map(Departures.Connection::length).orElse(frameBytes), claim);
    if (answer > 0) {
      if (apart.isPresent()) {
        apart.get().write(chunk, claim.buffer(), claim.offset());
        claim.reservedValue(Departures.MARK);
      } else {
        chunk.write(claim.buffer(), claim.offset(), frame, checksum);
      }
      claim.commit();
      order.advance();
      if (order.finished()) {
        orders.remove();
      }
    }
    return answer;
  }

  private void discard(String why, long now) {
    tallies.refuse(Tally.UNDELIVERED, channel, why, now);
    tallies.add(Tally.UNDELIVERED, messages.size() + orders.size() - 1L);
    clear();
  }

  public void close() {
    if (publication != null) {
      publication.close();
    } else if (registration != Aeron.NULL_VALUE) {
      aeron.asyncRemovePublication(registration);
    }
    apart.ifPresent(Departures.Connection::close);
    apart = Optional.empty();
    publication = null;
    registration = Aeron.NULL_VALUE;
  }
}
