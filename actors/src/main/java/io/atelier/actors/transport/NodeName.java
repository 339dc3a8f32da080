package io.atelier.actors.transport;

import java.security.SecureRandom;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a data plane listens, and which incarnation of it: a process that restarts at the same port
 * is another node. Written {@code host:port/session}, with eight hexadecimal digits.
 */
record NodeName(String host, int port, int session) {
  static final int MAX_BYTES = 280;

  private static final Pattern WRITTEN =
      Pattern.compile(
          "([0-9A-Za-z._-]{1,253}|\\[[0-9a-fA-F:.]{2,45}])" + ":([0-9]{1,5})/([0-9a-f]{8})");

  /** A node that nobody has met: its session only has to differ, no result depends on it. */
  static NodeName fresh(String host, int port) {
    return new NodeName(host, port, new SecureRandom().nextInt());
  }

  /**
   * @throws MalformedException if this is no name of a node
   */
  static NodeName parse(String name) {
    return find(name)
        .orElseThrow(
            () ->
                new MalformedException(
                    "\"%s\" is no node of the data plane, which are named host:port/session"
                        .formatted(name)));
  }

  /** The node of this name, if it is one. */
  static Optional<NodeName> find(String name) {
    Matcher matcher = WRITTEN.matcher(name);
    if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > 65_535) {
      return Optional.empty();
    }
    return Optional.of(
        new NodeName(
            matcher.group(1),
            Integer.parseInt(matcher.group(2)),
            Integer.parseUnsignedInt(matcher.group(3), 16)));
  }

  String endpoint() {
    return host + ":" + port;
  }

  @Override
  public String toString() {
    return "%s:%d/%08x".formatted(host, port, session);
  }
}
