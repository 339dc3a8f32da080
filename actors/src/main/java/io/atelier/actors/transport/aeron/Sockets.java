package io.atelier.actors.transport.aeron;

import static io.aeron.protocol.DataHeaderFlyweight.HEADER_LENGTH;
import static io.aeron.protocol.DataHeaderFlyweight.RESERVED_VALUE_OFFSET;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.aeron.driver.DataPacketDispatcher;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.media.ReceiveChannelEndpoint;
import io.aeron.driver.media.SendChannelEndpoint;
import io.aeron.driver.media.UdpChannel;
import io.aeron.logbuffer.FrameDescriptor;
import io.aeron.protocol.DataHeaderFlyweight;
import io.aeron.protocol.HeaderFlyweight;
import io.atelier.actors.transport.wire.Datagram;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToIntFunction;
import org.agrona.BitUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.AtomicCounter;

/**
 * The sockets of a media driver: which are looked at, what is taken from them before it gets into a
 * log buffer, and what is sent instead of what is there. For one thread.
 *
 * <p>A look at a socket on which nothing came is a system call for nothing, and a node has more
 * sockets than carry something at the time: one for what it receives, one for each publication, one
 * for each broadcast.
 */
public final class Sockets {
  private final ReceiveBypass receiveBypass;
  private final SendBypass sendBypass;
  private final Network network;
  private final SelectorIdleStrategy idleStrategy = new SelectorIdleStrategy();
  private final AtomicLong sentBytes = new AtomicLong();
  private boolean all = true;
  private boolean landing;

  /**
   * @param receiveBypass takes chunks that come in
   * @param sendBypass has the chunks that are not in the log buffers
   */
  public Sockets(ReceiveBypass receiveBypass, SendBypass sendBypass, Network network) {
    this.receiveBypass = receiveBypass;
    this.sendBypass = sendBypass;
    this.network = network;
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

  /** Of the thread that polls them: unparks it when a datagram comes in. */
  SelectorIdleStrategy idleStrategy() {
    return idleStrategy;
  }

  /** Bytes of messages and chunks that were put on the network. Thread-safe. */
  long sentBytes() {
    return sentBytes.get();
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
    private final ToIntFunction<ByteBuffer> socket = super::send;
    private boolean busy;

    Sending(UdpChannel channel, AtomicCounter status, MediaDriver.Context context) {
      super(channel, status, context);
    }

    @Override
    public void openDatagramChannel(AtomicCounter status) {
      super.openDatagramChannel(status);
      idleStrategy.watch(receiveDatagramChannel);
    }

    @Override
    public int send(ByteBuffer frames) {
      int written = frames.remaining();
      while (frames.hasRemaining()) {
        ByteBuffer datagram = sendBypass.next(frames);
        int length = datagram.remaining();
        if (network.send(datagram, socket) != length) {
          return 0; // all are sent again
        }
      }
      return written;
    }

    /** Of one destination. */
    @Override
    public void sendHook(ByteBuffer datagram, InetSocketAddress to) {
      sentBytes.lazySet(sentBytes.get() + datagram.remaining());
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
    public void openDatagramChannel(AtomicCounter status) {
      super.openDatagramChannel(status);
      idleStrategy.watch(receiveDatagramChannel);
    }

    @Override
    public InetSocketAddress receive(ByteBuffer buffer) {
      if (!all && !busy) {
        return null;
      }
      InetSocketAddress from = super.receive(buffer);
      busy = from != null;
      if (busy) {
        network.received();
      }
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
      boolean apart = isApart(buffer, length);
      if (apart && !landing) {
        return 0; // as if it was lost: it will be sent again
      }
      boolean landed =
          landing
              && (apart || isAlone(header, length))
              && receiveBypass.land(
                  originalUriString(),
                  header.streamId(),
                  new Datagram(
                      buffer,
                      HEADER_LENGTH,
                      (apart ? length : header.frameLength()) - HEADER_LENGTH,
                      from,
                      apart));
      if (apart || landed) {
        header.headerType(HeaderFlyweight.HDR_TYPE_PAD);
        return super.onDataPacket(header, buffer, HEADER_LENGTH, from, transport);
      }
      return super.onDataPacket(header, buffer, length, from, transport);
    }

    private static boolean isApart(UnsafeBuffer datagram, int length) {
      return length >= Datagram.HEAD
          && datagram.getLong(RESERVED_VALUE_OFFSET, LITTLE_ENDIAN) == SendBypass.MARK;
    }

    private static boolean isAlone(DataHeaderFlyweight header, int length) {
      int frame = header.frameLength();
      return frame > HEADER_LENGTH
          && length == BitUtil.align(frame, FrameDescriptor.FRAME_ALIGNMENT)
          && header.headerType() == HeaderFlyweight.HDR_TYPE_DATA;
    }
  }
}
