package io.atelier.actors.cli.option;

import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.doctor.PeerListener;
import io.atelier.actors.transport.HostPort;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of a check between two machines: which one listens, and which one the other asks. */
public final class PeerOptions {

  private static final String PORT = "25520";
  private static final String ALL = "0.0.0.0";

  @Option(
      names = "--peer",
      paramLabel = "HOST[:PORT]",
      description = {
        "Checks the connection to another machine, where doctor --listen runs: TCP, UDP, datagram"
            + " size, clocks, versions, socket buffers, /dev/shm of both. PORT is "
            + PORT
            + " if not given."
      })
  private String peer;

  @Option(
      names = "--listen",
      arity = "0..1",
      paramLabel = "[HOST:]PORT",
      fallbackValue = PORT,
      description = {
        "Waits for doctor --peer of other machines, at the TCP port that cluster.port will have ("
            + PORT
            + " if not given), until Ctrl-C. It tells versions and limits to anyone who asks."
      })
  private String listen;

  @Option(
      names = "--udp-port",
      paramLabel = "PORT",
      defaultValue = "0",
      description =
          "With --listen: the UDP port that transport.port will have (default: the TCP port).")
  private int udpPort;

  public boolean listens() {
    if (listen != null && peer != null) {
      throw new InvalidConfigException(
          "--listen and --peer are for two machines: --listen on one, then --peer on the other");
    }
    if (udpPort != 0 && listen == null) {
      throw new InvalidConfigException("--udp-port needs --listen, which tells it to --peer");
    }
    return listen != null;
  }

  /** Returns the machine to ask; empty if none. */
  public Optional<HostPort> peer() {
    return Optional.ofNullable(peer).map(text -> parse("--peer", text, text, ":" + PORT));
  }

  /** Parses {@code host} as it is, or with {@code port} appended. */
  private static HostPort parse(String option, String text, String host, String port) {
    boolean bare = host.indexOf(':') != host.lastIndexOf(':') && !host.startsWith("[");
    String bracketed = bare ? HostPort.bracketed(host) : host;
    return HostPort.parse(bracketed)
        .or(() -> HostPort.parse(bracketed + port))
        .orElseThrow(
            () ->
                new InvalidConfigException(
                    "%s is %s, must be a host and a port, as in 10.0.0.2, 10.0.0.2:25520 or [fd00::1]:25520"
                        .formatted(option, text)));
  }

  /** Answers until the process ends. */
  public void listen(PrintWriter out) throws InterruptedException {
    HostPort at =
        listen.matches("[0-9]+")
            ? parse("--listen", listen, ALL, ":" + listen)
            : parse("--listen", listen, listen, ":" + PORT);
    if (udpPort < 0 || udpPort > 65_535) {
      throw new InvalidConfigException("--udp-port is %d, must be 1 to 65535".formatted(udpPort));
    }
    InetSocketAddress address =
        at.host().equals(ALL)
            ? new InetSocketAddress(at.port())
            : new InetSocketAddress(at.host(), at.port());
    if (address.isUnresolved()) { // a socket would bind to all addresses
      throw new InvalidConfigException(
          "--listen is %s, which names no address of this machine".formatted(listen));
    }
    try (PeerListener listener = PeerListener.start(address, udpPort)) {
      out.println(
          "listening at TCP port %d and UDP port %d; on the other machine run ./atelier doctor --peer HOST:%d"
              .formatted(listener.tcpPort(), listener.udpPort(), listener.tcpPort()));
      out.println("Ctrl-C ends it");
      out.flush();
      listener.await();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
