package io.atelier.actors.transport;

import io.aeron.driver.DataPacketDispatcher;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.media.ReceiveChannelEndpoint;
import io.aeron.driver.media.SendChannelEndpoint;
import io.aeron.driver.media.UdpChannel;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.agrona.concurrent.status.AtomicCounter;

/**
 * Which sockets of a media driver are looked at. A look at a socket on which nothing came is a
 * system call for nothing, and a node has more sockets than carry something at the time: one for
 * what it receives, one for each lane, one for each broadcast. For one thread.
 */
final class SocketWatch {
  private boolean all = true;

  /**
   * @param yes false: from now on only those sockets are looked at on which something came at the
   *     last look
   */
  void watchAll(boolean yes) {
    all = yes;
  }

  ReceiveChannelEndpoint receiving(
      UdpChannel channel,
      DataPacketDispatcher dispatcher,
      AtomicCounter status,
      MediaDriver.Context context) {
    return new ReceiveChannelEndpoint(channel, dispatcher, status, context) {
      private boolean busy;

      @Override
      public InetSocketAddress receive(ByteBuffer buffer) {
        InetSocketAddress from = all || busy ? super.receive(buffer) : null;
        busy = from != null;
        return from;
      }
    };
  }

  SendChannelEndpoint sending(
      UdpChannel channel, AtomicCounter status, MediaDriver.Context context) {
    return new SendChannelEndpoint(channel, status, context) {
      private boolean busy;

      @Override
      public InetSocketAddress receive(ByteBuffer buffer) {
        InetSocketAddress from = all || busy ? super.receive(buffer) : null;
        busy = from != null;
        return from;
      }
    };
  }
}
