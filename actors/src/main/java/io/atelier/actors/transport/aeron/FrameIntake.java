package io.atelier.actors.transport.aeron;

import io.aeron.Image;
import io.aeron.Subscription;
import io.aeron.logbuffer.FragmentHandler;
import io.aeron.logbuffer.Header;
import io.atelier.actors.transport.MalformedException;
import io.atelier.actors.transport.metrics.Tallies;
import io.atelier.actors.transport.metrics.Tally;
import io.atelier.actors.transport.wire.Audience;
import io.atelier.actors.transport.wire.Datagram;
import io.atelier.actors.transport.wire.Frame;
import io.atelier.actors.transport.wire.Opener;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.agrona.DirectBuffer;

/**
 * Takes in the frames for one audience, from a subscription or straight from the socket: counts
 * each, refuses what is not of this run, and hands the rest to a {@link FrameHandler}. Belongs to
 * the agent thread.
 */
public final class FrameIntake {
  private static final int POLL_FRAGMENTS = 64;

  private final Opener opener;
  private final Audience audience;
  private final LongSupplier clock;
  private final Tallies tallies;
  private final String what;
  private final FrameHandler handler;
  private final FragmentHandler onFragment = this::onFragment;
  private final Frame frame = new Frame();

  /**
   * @param opener has the key of the run, without which nothing is let in
   * @param audience that frames have to be for
   * @param clock in nanoseconds
   * @param what is refused, for the log
   */
  FrameIntake(
      Opener opener,
      Audience audience,
      LongSupplier clock,
      Tallies tallies,
      String what,
      FrameHandler handler) {
    this.opener = opener;
    this.audience = audience;
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
    DirectBuffer buffer = datagram.buffer();
    int length = datagram.length();
    if (!datagram.isApart() && !Frame.lands(buffer, datagram.at(), length)) {
      return false; // and not looked into, since a message is taken once
    }
    Optional<Tally> refusal = frame.read(buffer, datagram.at(), length, opener, audience);
    boolean lands = datagram.isApart() || refusal.isEmpty();
    if (lands) {
      take(refusal, length, datagram.from());
      tallies.add(Tally.LANDED_FRAMES, 1);
    }
    return lands;
  }

  private void onFragment(DirectBuffer buffer, int offset, int length, Header header) {
    Optional<Tally> refusal = frame.read(buffer, offset, length, opener, audience);
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
