package io.atelier.actors.transport;

import static io.aeron.protocol.DataHeaderFlyweight.HEADER_LENGTH;

import io.aeron.driver.DataPacketDispatcher;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.media.ReceiveChannelEndpoint;
import io.aeron.driver.media.SendChannelEndpoint;
import io.aeron.driver.media.UdpChannel;
import io.aeron.logbuffer.FrameDescriptor;
import io.aeron.protocol.DataHeaderFlyweight;
import io.aeron.protocol.HeaderFlyweight;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.agrona.BitUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.AtomicCounter;

/**
 * The sockets of a media driver: which are looked at, and what is taken from them before it gets
 * into a log buffer. For one thread.
 *
 * <p>A look at a socket on which nothing came is a system call for nothing, and a node has more
 * sockets than carry something at the time: one for what it receives, one for each lane, one for
 * each broadcast.
 */
final class SocketWatch {
  private final Landings landings;
  private boolean all = true;
  private boolean landing;

  /**
   * @param landings who takes chunks
   */
  SocketWatch(Landings landings) {
    this.landings = landings;
  }

  /**
   * @param yes false: from now on only those sockets are looked at on which something came at the
   *     last look
   */
  void watchAll(boolean yes) {
    all = yes;
  }

  /**
   * @param yes whether chunks land from now on, when they are received; they must not while the
   *     agent is in the middle of something else
   */
  void land(boolean yes) {
    landing = yes;
  }

  ReceiveChannelEndpoint receiving(
      UdpChannel channel,
      DataPacketDispatcher dispatcher,
      AtomicCounter status,
      MediaDriver.Context context) {
    return new Receiving(channel, dispatcher, status, context);
  }

  SendChannelEndpoint sending(
      UdpChannel channel, AtomicCounter status, MediaDriver.Context context) {
    return new Sending(channel, status, context);
  }

  private final class Sending extends SendChannelEndpoint {
    private boolean busy;

    Sending(UdpChannel channel, AtomicCounter status, MediaDriver.Context context) {
      super(channel, status, context);
    }

    @Override
    public InetSocketAddress receive(ByteBuffer buffer) {
      InetSocketAddress from = all || busy ? super.receive(buffer) : null;
      busy = from != null;
      return from;
    }
  }

  private final class Receiving extends ReceiveChannelEndpoint {
    private boolean busy;

    Receiving(
        UdpChannel channel,
        DataPacketDispatcher dispatcher,
        AtomicCounter status,
        MediaDriver.Context context) {
      super(channel, dispatcher, status, context);
    }

    @Override
    public InetSocketAddress receive(ByteBuffer buffer) {
      InetSocketAddress from = all || busy ? super.receive(buffer) : null;
      busy = from != null;
      return from;
    }

    /** What has landed is padding for the log buffer: its place is taken, and nothing is in it. */
    @Override
    public int onDataPacket(
        DataHeaderFlyweight header,
        UnsafeBuffer buffer,
        int length,
        InetSocketAddress from,
        int transport) {
      int kept = length;
      if (landing && isAlone(header, length) && land(header, buffer)) {
        header.headerType(HeaderFlyweight.HDR_TYPE_PAD);
        kept = HEADER_LENGTH;
      }
      return super.onDataPacket(header, buffer, kept, from, transport);
    }

    private boolean isAlone(DataHeaderFlyweight header, int length) {
      int frame = header.frameLength();
      return frame > HEADER_LENGTH
          && length == BitUtil.align(frame, FrameDescriptor.FRAME_ALIGNMENT)
          && header.headerType() == HeaderFlyweight.HDR_TYPE_DATA;
    }

    private boolean land(DataHeaderFlyweight header, UnsafeBuffer buffer) {
      return landings.land(
          originalUriString(),
          header.streamId(),
          buffer,
          HEADER_LENGTH,
          header.frameLength() - HEADER_LENGTH);
    }
  }
}
