package io.atelier.actors.cluster;

import io.atelier.actors.config.ClusterConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Whom a node joins by, and for how long it asks them. The first seed starts a cluster where there
 * is none. If it took a slow cluster for none there were two of them for ever, so it asks whoever
 * is there until that one says that it has none, and who is not there it does not ask at all.
 *
 * @param addresses {@code host:port}
 * @param patience before the first seed starts a cluster, and before another node asks again
 */
record Seeds(List<String> addresses, Duration patience) {

  private static final Duration ASK_AGAIN = Duration.ofSeconds(5);

  /** Longer than a process stands still and goes on. */
  private static final Duration SLOW = Duration.ofMinutes(2);

  private static final int CONNECT_MILLIS = 1_000;

  /** As the node of this configuration has to see them now. */
  static Seeds of(ClusterConfig cluster) {
    String self = cluster.host() + ":" + cluster.port();
    List<String> all = cluster.seeds();
    if (!all.get(0).equals(self)) {
      return new Seeds(all, ASK_AGAIN);
    }
    List<String> others = all.stream().skip(1).parallel().filter(Seeds::isListening).toList();
    return new Seeds(Stream.concat(Stream.of(self), others.stream()).toList(), SLOW);
  }

  /** Whether a process is there, be it as slow as it may. */
  private static boolean isListening(String address) {
    int colon = address.lastIndexOf(':');
    String host = address.substring(0, colon);
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(host, Integer.parseInt(address.substring(colon + 1))),
          CONNECT_MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
