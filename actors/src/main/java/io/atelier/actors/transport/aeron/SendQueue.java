package io.atelier.actors.transport.aeron;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.Publication;
import io.aeron.exceptions.AeronException;
import io.aeron.logbuffer.BufferClaim;
import io.atelier.actors.transport.metrics.Tallies;
import io.atelier.actors.transport.metrics.Tally;
import io.atelier.actors.transport.wire.Audience;
import io.atelier.actors.transport.wire.Chunk;
import io.atelier.actors.transport.wire.Content;
import io.atelier.actors.transport.wire.Frame;
import io.atelier.actors.transport.wire.Sealer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What one publication is to send: messages first, then chunks in the order they were asked for.
 * Never waits: under back pressure the rest is sent in a later turn. Belongs to the agent thread.
 */
public final class SendQueue {
  private static final int MAX_MESSAGES = 1_024;
  private static final int MAX_REQUESTS = 256;
  private static final int MAX_REQUESTS_OF_A_TRANSFER = 64;

  /** Bytes in one turn, so that a queue does not hold up the others. */
  private static final int TURN_BYTES = 1 << 17;

  private record Message(Frame.Type type, long transfer, byte[] payload) {}

  private final Aeron aeron;
  private final String channel;
  private final int stream;
  private final Audience audience;
  private final Sealer sealer;
  private final long patienceNanos;
  private final Tallies tallies;
  private final Optional<SendBypass> sendBypass;
  private final Frame frame = new Frame();
  private final BufferClaim claim = new BufferClaim();
  private final Deque<Message> messages = new ArrayDeque<>();
  private final Deque<PendingChunks> pending = new ArrayDeque<>();
  private long registration = Aeron.NULL_VALUE;
  private ExclusivePublication publication;
  private Optional<SendBypass.Connection> apart = Optional.empty();
  private long lastUse;
  private long lastConnected;
  private long sentBytes;
  private boolean failed;
  private int frameBytes;

  /**
   * @param audience that its frames are for
   * @param sealer of this process
   * @param patienceNanos time without a subscriber after which what waits is discarded
   * @param sendBypass where chunks are, if their payloads are not in the log buffer
   */
  SendQueue(
      Aeron aeron,
      String channel,
      int stream,
      Audience audience,
      Sealer sealer,
      long patienceNanos,
      Tallies tallies,
      Optional<SendBypass> sendBypass,
      long now) {
    this.aeron = aeron;
    this.channel = channel;
    this.stream = stream;
    this.audience = audience;
    this.sealer = sealer;
    this.patienceNanos = patienceNanos;
    this.tallies = tallies;
    this.sendBypass = sendBypass;
    this.lastUse = now;
    this.lastConnected = now;
  }

  /** Queues a message; false if too many wait. */
  public boolean send(Frame.Type type, long transfer, byte[] payload, long now) {
    if (messages.size() == MAX_MESSAGES) {
      return false;
    }
    used(now);
    messages.add(new Message(type, transfer, payload));
    return true;
  }

  /** Queues chunks; false if too many wait, of all transfers or of this one. */
  public boolean send(PendingChunks chunks, long now) {
    if (pending.size() == MAX_REQUESTS
        || pending.stream().filter(queued -> queued.transfer() == chunks.transfer()).count()
            == MAX_REQUESTS_OF_A_TRANSFER) {
      return false;
    }
    used(now);
    pending.add(chunks);
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
    pending.clear();
  }

  /** Whether the publication has a subscriber. */
  public boolean isConnected() {
    return publication != null && publication.isConnected();
  }

  /** Whether the publication is open, with or without a subscriber. */
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

  /** Sends no more of this content, whose memory will be reused. */
  public void drop(Content content) {
    pending.removeIf(chunks -> chunks.content() == content);
    apart.ifPresent(connection -> connection.forget(content));
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
          apart = sendBypass.map(bypass -> bypass.open(publication.sessionId()));
        }
      }
    } catch (AeronException e) {
      failed = true;
      registration = Aeron.NULL_VALUE;
      discard(e.getMessage(), lastUse);
    }
    return publication != null;
  }

  /** Sends what fits into a turn and meets no back pressure; the number of frames. */
  public int work(long now) {
    return isIdle() || !open() ? 0 : sendTurn(now);
  }

  /** Whether nothing waits. */
  public boolean isIdle() {
    return messages.isEmpty() && pending.isEmpty();
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
      frame.write(
          claim.buffer(),
          claim.offset(),
          message.type(),
          sealer,
          audience,
          message.transfer(),
          0,
          new UnsafeBuffer(payload),
          0,
          payload.length);
      claim.commit();
      messages.remove();
    }
    return answer;
  }

  /** Sends the next chunk; the answer of the publication, or 0 if there is none. */
  private long sendChunk() {
    PendingChunks next = pending.peek();
    if (next == null) {
      return 0;
    }
    Chunk chunk = new Chunk(next.content(), sealer, audience, next.transfer(), next.chunk());
    frameBytes = chunk.frameLength();
    long answer =
        publication.tryClaim(apart.map(SendBypass.Connection::length).orElse(frameBytes), claim);
    if (answer > 0) {
      if (apart.isPresent()) {
        apart.get().write(chunk, claim.buffer(), claim.offset());
        claim.reservedValue(SendBypass.MARK);
      } else {
        chunk.write(claim.buffer(), claim.offset(), frame);
      }
      claim.commit();
      next.advance();
      if (next.finished()) {
        pending.remove();
      }
    }
    return answer;
  }

  private void discard(String why, long now) {
    tallies.refuse(Tally.UNDELIVERED, channel, why, now);
    tallies.add(Tally.UNDELIVERED, messages.size() + pending.size() - 1L);
    clear();
  }

  /** Closes the publication; it is opened again when there is something to send. */
  public void close() {
    if (publication != null) {
      publication.close();
    } else if (registration != Aeron.NULL_VALUE) {
      aeron.asyncRemovePublication(registration);
    }
    apart.ifPresent(SendBypass.Connection::close);
    apart = Optional.empty();
    publication = null;
    registration = Aeron.NULL_VALUE;
  }
}
