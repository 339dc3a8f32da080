package io.atelier.actors.node;

import io.atelier.actors.config.cluster.ClusterConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.transport.HostPort;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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

  /** Longer than any pause after which a process goes on. */
  private static final Duration SLOW = Duration.ofMinutes(2);

  private static final int CONNECT_MILLIS = 1_000;

  /** The seeds as this configuration's node has to use them now. */
  static Seeds of(ClusterConfig cluster) {
    String self = cluster.self();
    List<String> all = cluster.seeds();
    if (!all.get(0).equals(self)) {
      return new Seeds(all, ASK_AGAIN);
    }
    List<String> others = all.stream().skip(1).parallel().filter(Seeds::isListening).toList();
    return new Seeds(Stream.concat(Stream.of(self), others.stream()).toList(), SLOW);
  }

  /** Whether a process listens there, however slow it is. */
  private static boolean isListening(String address) {
    return silence(address).isEmpty();
  }

  /** Why no connection to an address can be made; empty if one can. */
  static Optional<String> silence(String address) {
    HostPort seed = HostPort.parse(address).orElseThrow();
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(seed.host(), seed.port()), CONNECT_MILLIS);
      return Optional.empty();
    } catch (UnknownHostException e) {
      return Optional.of("a name that is not known here");
    } catch (ConnectException e) {
      return Optional.of("nothing listens there");
    } catch (SocketTimeoutException e) {
      return Optional.of("no answer, a firewall may be between");
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Fails if this node could never join by the seeds, for its address and theirs do not fit.
   *
   * @throws InvalidConfigException if so
   */
  static void require(ClusterConfig cluster) {
    List<HostPort> seeds =
        cluster.seeds().stream().map(s -> HostPort.parse(s).orElseThrow()).toList();
    for (HostPort seed : seeds) {
      if (!seed.toString().equals(cluster.self()) && isSelf(seed, cluster)) {
        throw new InvalidConfigException(
            ("cluster.seeds names %s, which is this node, but by cluster.host it is %s, and nodes"
                    + " know each other by that text alone; write the same in both, on all nodes")
                .formatted(seed, cluster.self()));
      }
      if (HostPort.isLoopback(cluster.host()) && !isLoopback(seed)) {
        throw new InvalidConfigException(
            ("cluster.host is %s, at which %s of cluster.seeds cannot reach this node; set it to an"
                    + " address of this machine that the others can reach")
                .formatted(cluster.host(), seed));
      }
    }
    if (!HostPort.isLoopback(cluster.host()) && seeds.stream().allMatch(Seeds::isLoopback)) {
      throw new InvalidConfigException(
          ("cluster.seeds names %s, which is each machine itself, but cluster.host is %s; name the"
                  + " addresses of the nodes to join by, the same on all nodes")
              .formatted(seeds.get(0), cluster.host()));
    }
  }

  private static boolean isSelf(HostPort seed, ClusterConfig cluster) {
    Optional<InetAddress> address = HostPort.address(seed.host());
    return seed.port() == cluster.port()
        && address.isPresent()
        && address.equals(HostPort.address(cluster.host()));
  }

  /** Whether a seed is this machine and no other; a name that nobody knows yet is not. */
  private static boolean isLoopback(HostPort seed) {
    return HostPort.isLoopback(seed.host())
        || HostPort.address(seed.host()).filter(InetAddress::isLoopbackAddress).isPresent();
  }
}
