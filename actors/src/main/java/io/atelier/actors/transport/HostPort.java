package io.atelier.actors.transport;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * A host and a port as text: {@code 10.0.0.1:25520}, {@code name:25520} or, for IPv6, {@code
 * [::1]:25520}.
 *
 * @param host without brackets
 */
public record HostPort(String host, int port) {

  /** How it is written, for people who read a message. */
  public static final String FORM = "host:port, as in 10.0.0.1:25520 or [fd00::1]:25520";

  private static final int MAX_PORT = 65_535;

  /** The host and port of a text; empty if it is none. */
  public static Optional<HostPort> parse(String text) {
    if (!text.matches("(\\[[0-9a-fA-F:.]{2,45}]|[^:/\\[\\]\\s]+):[0-9]{1,5}")) {
      return Optional.empty();
    }
    int colon = text.lastIndexOf(':');
    int port = Integer.parseInt(text.substring(colon + 1));
    return port > MAX_PORT
        ? Optional.empty()
        : Optional.of(new HostPort(bare(text.substring(0, colon)), port));
  }

  /** A host without the brackets that IPv6 has before a port. */
  public static String bare(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  /** A host as it stands before a port. */
  public static String bracketed(String host) {
    return host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host;
  }

  /** Whether every address of this machine is meant. */
  public static boolean isWildcard(String host) {
    return isLiteral(host) && address(host).filter(InetAddress::isAnyLocalAddress).isPresent();
  }

  /** Whether no other machine can mean this one by it; asks nobody about names. */
  public static boolean isLoopback(String host) {
    return host.equals("localhost")
        || isLiteral(host) && address(host).filter(InetAddress::isLoopbackAddress).isPresent();
  }

  /** Whether it is an address in figures, which no server of names decides about. */
  public static boolean isLiteral(String host) {
    return host.indexOf(':') >= 0 || host.matches("[0-9.]+");
  }

  /** The address that a host has for this machine; empty if nobody here knows it. */
  public static Optional<InetAddress> address(String host) {
    try {
      return Optional.of(InetAddress.getByName(host));
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return bracketed(host) + ":" + port;
  }
}
