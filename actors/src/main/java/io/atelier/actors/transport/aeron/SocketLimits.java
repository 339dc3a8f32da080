package io.atelier.actors.transport.aeron;

import io.atelier.actors.transport.HostLimitException;
import io.atelier.actors.transport.TransportConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;

/** What the kernel grants of the buffers that are asked for. */
public final class SocketLimits {

  private SocketLimits() {}

  /**
   * @throws HostLimitException if a socket gets less than the window; the message names the setting
   *     of the kernel
   */
  public static void require(TransportConfig config) {
    int granted = granted(config.socketBytes());
    if (granted < config.windowBytes()) {
      throw new HostLimitException(
          ("window-bytes is %d, but the kernel grants a receive buffer of %d bytes:"
                  + " run sysctl -w net.core.rmem_max=%d net.core.wmem_max=%d,"
                  + " or lower window-bytes")
              .formatted(
                  config.windowBytes(), granted, config.socketBytes(), config.socketBytes()));
    }
  }

  private static int granted(int wanted) {
    try (DatagramChannel channel = DatagramChannel.open()) {
      channel.setOption(StandardSocketOptions.SO_RCVBUF, wanted);
      return channel.getOption(StandardSocketOptions.SO_RCVBUF);
    } catch (IOException e) {
      throw new UncheckedIOException("no UDP socket", e);
    }
  }
}
