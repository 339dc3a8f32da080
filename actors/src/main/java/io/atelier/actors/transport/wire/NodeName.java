package io.atelier.actors.transport.wire;

import io.atelier.actors.transport.HostPort;
import io.atelier.actors.transport.MalformedException;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a data plane listens, and which incarnation of it: a process that restarts at the same port
 * is another node. Written {@code host:port/session}, with eight hexadecimal digits, and {@code
 * @driver}, as many, if its media driver is one that several processes use.
 *
 * @param driver number of that media driver; 0 if it has its own
 */
public record NodeName(String host, int port, int session, int driver) {
  static final int MAX_BYTES = 280;

  private static final Pattern WRITTEN =
      Pattern.compile(
          "([0-9A-Za-z._-]{1,253}|\\[[0-9a-fA-F:.]{2,45}])"
              + ":([0-9]{1,5})/([0-9a-f]{8})(?:@([0-9a-f]{8}))?");

  /** A node that nobody has met: its session only has to differ, no result depends on it. */
  public static NodeName fresh(String host, int port, int driver) {
    return new NodeName(HostPort.bracketed(host), port, new SecureRandom().nextInt(), driver);
  }

  /**
   * @throws MalformedException if this is no name of a node
   */
  public static NodeName parse(String name) {
    return find(name)
        .orElseThrow(
            () ->
                new MalformedException(
                    "\"%s\" is no node of the data plane, which are named host:port/session"
                        .formatted(name)));
  }

  /** The node of this name, if it is one. */
  public static Optional<NodeName> find(String name) {
    Matcher matcher = WRITTEN.matcher(name);
    if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > 65_535) {
      return Optional.empty();
    }
    return Optional.of(
        new NodeName(
            matcher.group(1),
            Integer.parseInt(matcher.group(2)),
            Integer.parseUnsignedInt(matcher.group(3), 16),
            matcher.group(4) == null ? 0 : Integer.parseUnsignedInt(matcher.group(4), 16)));
  }

  /** Whether no other process uses its media driver. */
  public boolean hasOwnDriver() {
    return driver == 0;
  }

  /** Whether both use one media driver, so that what one sends the other finds in memory. */
  public boolean sharesDriverWith(NodeName other) {
    return driver != 0 && driver == other.driver && host.equals(other.host);
  }

  public String endpoint() {
    return host + ":" + port;
  }

  @Override
  public String toString() {
    String name = "%s:%d/%08x".formatted(host, port, session);
    return driver == 0 ? name : "%s@%08x".formatted(name, driver);
  }
}
