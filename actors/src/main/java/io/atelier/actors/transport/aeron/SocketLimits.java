package io.atelier.actors.transport.aeron;

import io.atelier.actors.transport.HostLimitException;
import io.atelier.actors.transport.TransportConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketOption;
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
    int granted = receive(config.socketBytes());
    if (granted < config.windowBytes()) {
      throw new HostLimitException(
          ("window-bytes is %d, but the kernel grants a receive buffer of %d bytes:"
                  + " run sysctl -w net.core.rmem_max=%d net.core.wmem_max=%d,"
                  + " or lower window-bytes")
              .formatted(
                  config.windowBytes(), granted, config.socketBytes(), config.socketBytes()));
    }
  }

  /** Bytes that a socket gets for what comes, of those that are wanted. */
  public static int receive(int wanted) {
    return granted(StandardSocketOptions.SO_RCVBUF, wanted);
  }

  /** The same for what goes. */
  public static int send(int wanted) {
    return granted(StandardSocketOptions.SO_SNDBUF, wanted);
  }

  private static int granted(SocketOption<Integer> buffer, int wanted) {
    try (DatagramChannel channel = DatagramChannel.open()) {
      channel.setOption(buffer, wanted);
      return channel.getOption(buffer);
    } catch (IOException e) {
      throw new UncheckedIOException("no UDP socket", e);
    }
  }
}
