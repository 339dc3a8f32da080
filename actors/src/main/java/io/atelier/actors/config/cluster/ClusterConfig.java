package io.atelier.actors.config.cluster;

import static io.atelier.actors.config.section.Rules.require;

import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.config.section.Section;
import io.atelier.actors.ledger.state.Lengths;
import io.atelier.actors.transport.HostPort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Addresses of a node of a cluster, and of the nodes that it joins.
 *
 * @param host name or address at which other nodes reach this one
 * @param bindHost address at which it listens; empty for that of {@code host}
 * @param port TCP port of the control plane; 0 takes any that is free
 * @param seeds nodes to join by, as {@code host:port}; the first one starts the cluster
 * @param tls whether nodes authenticate each other by certificates
 * @param trustNetwork whether a node may be reached over a network without TLS
 * @param beat interval between heartbeats of a node
 * @param leaderless how long a node that cannot lead stays without a leader
 * @param adminHost address at which the node answers HTTP: health, metrics, status, commands
 * @param adminPort its TCP port; 0 takes any that is free, -1 for none
 */
public record ClusterConfig(
    String host,
    String bindHost,
    int port,
    List<String> seeds,
    boolean tls,
    boolean trustNetwork,
    Duration beat,
    Duration leaderless,
    String adminHost,
    int adminPort) {

  public ClusterConfig {
    require(!host.isBlank(), "host is empty, must be where other nodes reach this one");
    host = HostPort.bare(host);
    bindHost = HostPort.bare(bindHost);
    require(
        tls
            || trustNetwork
            || HostPort.isLoopback(host) && (bindHost.isEmpty() || HostPort.isLoopback(bindHost)),
        "%s is %s, and tls is false: anyone who reaches the port could run the cluster; set"
            + " cluster.tls=true, or cluster.trust-network=true where only trusted machines can",
        HostPort.isLoopback(host) ? "bind-host" : "host",
        HostPort.isLoopback(host) ? bindHost : host);
    require(
        !HostPort.isWildcard(host),
        "host is %s, must be one address, which other nodes are told; bind-host may be %s",
        host,
        host);
    require(port >= 0 && port <= 65_535, "port is %d, must be 0 to 65535", port);
    require(!adminHost.isBlank(), "admin-host is empty, must be an address of this machine");
    require(
        adminPort >= -1 && adminPort <= 65_535,
        "admin-port is %d, must be 0 to 65535, or -1 for none",
        adminPort);
    require(
        !beat.isNegative() && !beat.isZero(), "beat is %s, must be positive", Lengths.text(beat));
    require(
        leaderless.toSeconds() >= 1,
        "leaderless is %s, must be at least 1s",
        Lengths.text(leaderless));
    require(!seeds.isEmpty(), "seeds is empty, must name a node to join by, be it this one");
    for (String seed : seeds) {
      require(
          HostPort.parse(seed).isPresent(), "seeds has \"%s\", must be %s", seed, HostPort.FORM);
    }
  }

  /** Returns the address at which others know this node. */
  public String self() {
    return new HostPort(host, port).toString();
  }

  /** Returns the host name or address at which it listens. */
  public String listensAt() {
    return bindHost.isEmpty() ? host : bindHost;
  }

  /**
   * Fails unless the host is this machine; the configuration in a run folder may name another.
   *
   * @throws InvalidConfigException if not
   * @throws UncheckedIOException if its name cannot be resolved, which may be temporary: a DNS
   *     server that does not answer, a new name
   */
  public void requireHere() {
    String at = listensAt();
    if (HostPort.isWildcard(at) || interfaceOf(at).isPresent()) {
      return;
    }
    String key = bindHost.isEmpty() ? "cluster.host" : "cluster.bind-host";
    if (!HostPort.isLiteral(at) && HostPort.address(at).isEmpty()) {
      UnknownHostException unknown = new UnknownHostException(at);
      throw new UncheckedIOException(
          "%s is %s, a name that this machine does not know now; correct it, or add it to DNS or /etc/hosts"
              .formatted(key, at),
          unknown);
    }
    throw new InvalidConfigException(
        bindHost.isEmpty()
            ? ("%s is %s, which is no address of this machine; name one that is, and at"
                    + " which the other nodes reach it, or set cluster.bind-host to one that is")
                .formatted(key, host)
            : "%s is %s, which is no address of this machine; 0.0.0.0 is all of them"
                .formatted(key, bindHost));
  }

  /** Returns the interface of this machine that has an address; empty if none has. */
  static Optional<NetworkInterface> interfaceOf(String host) {
    try {
      return Optional.ofNullable(NetworkInterface.getByInetAddress(InetAddress.getByName(host)));
    } catch (IOException e) {
      return Optional.empty(); // a name that cannot be resolved here
    }
  }

  public static ClusterConfig from(Section section) {
    return section.build(
        () ->
            new ClusterConfig(
                section.text("host"),
                section.text("bind-host"),
                section.integer("port"),
                section.texts("seeds"),
                section.flag("tls"),
                section.flag("trust-network"),
                section.duration("beat"),
                section.duration("leaderless"),
                section.text("admin-host"),
                section.integer("admin-port")));
  }
}
