package io.atelier.actors.transport.aeron;

import io.aeron.Image;
import io.aeron.Subscription;
import io.aeron.logbuffer.FragmentHandler;
import io.aeron.logbuffer.Header;
import io.atelier.actors.transport.MalformedException;
import io.atelier.actors.transport.metrics.Tallies;
import io.atelier.actors.transport.metrics.Tally;
import io.atelier.actors.transport.wire.Datagram;
import io.atelier.actors.transport.wire.Frame;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.agrona.DirectBuffer;

/**
 * Takes in the frames of one session, from a subscription or straight from the socket: counts each,
 * refuses what is not of this run, and hands the rest to a {@link FrameHandler}. Belongs to the
 * agent thread.
 */
public final class FrameIntake {
  private static final int POLL_FRAGMENTS = 64;

  private final LongSupplier token;
  private final int session;
  private final LongSupplier clock;
  private final Tallies tallies;
  private final String what;
  private final FrameHandler handler;
  private final FragmentHandler onFragment = this::onFragment;
  private final Frame frame = new Frame();

  /**
   * @param token of the run, without which nothing is let in
   * @param session that frames have to carry: that of their receiver, or of who broadcasts them
   * @param clock in nanoseconds
   * @param what is refused, for the log
   */
  FrameIntake(
      LongSupplier token,
      int session,
      LongSupplier clock,
      Tallies tallies,
      String what,
      FrameHandler handler) {
    this.token = token;
    this.session = session;
    this.clock = clock;
    this.tallies = tallies;
    this.what = what;
    this.handler = handler;
  }

  /** Takes what came by a log buffer: the number of fragments. */
  public int poll(Subscription subscription) {
    return subscription.poll(onFragment, POLL_FRAGMENTS);
  }

  /**
   * Takes a frame straight from the socket.
   *
   * @return false if it is to come by the log buffer
   */
  public boolean land(Datagram datagram) {
    Optional<Tally> refusal = frame.read(datagram, token.getAsLong(), session);
    boolean lands = datagram.isApart() || refusal.isEmpty() && frame.type().lands();
    if (lands) {
      take(refusal, datagram.length(), datagram.from());
      tallies.add(Tally.LANDED_FRAMES, 1);
    }
    return lands;
  }

  private void onFragment(DirectBuffer buffer, int offset, int length, Header header) {
    Optional<Tally> refusal = frame.read(buffer, offset, length, token.getAsLong(), session);
    take(refusal, length, origin(header));
  }

  private static String origin(Header header) {
    return header.context() instanceof Image image ? image.sourceIdentity() : "nowhere";
  }

  /**
   * @param from where it is from; made a text only if the frame is refused
   */
  private void take(Optional<Tally> refusal, int length, Object from) {
    long now = clock.getAsLong();
    try {
      if (refusal.isPresent()) {
        tallies.refuse(refusal.get(), from.toString(), what, now);
        if (refusal.get() == Tally.REFUSED_CORRUPT) {
          handler.onDamaged(frame);
        }
        return;
      }
      tallies.add(Tally.RECEIVED_FRAMES, 1);
      tallies.add(Tally.RECEIVED_BYTES, length);
      handler.onFrame(frame, now);
    } catch (MalformedException e) {
      tallies.refuse(Tally.REFUSED_MALFORMED, from.toString(), e.getMessage(), now);
    }
  }
}
