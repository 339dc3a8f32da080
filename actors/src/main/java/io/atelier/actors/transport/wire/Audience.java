package io.atelier.actors.transport.wire;

import java.nio.charset.StandardCharsets;

/**
 * Whom frames are for: the inbox of one node, or all who listen to one broadcast. The tag of a
 * frame is over this, too, so that a frame of the one is none of the other.
 */
public final class Audience {
  private final int session;
  private final byte[] bound;

  private Audience(int session, String purpose) {
    this.session = session;
    this.bound = purpose.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * @param session of the node that receives
   */
  public static Audience inbox(int session) {
    return new Audience(session, "inbox");
  }

  /**
   * @param session of the node that broadcasts
   * @param stream name of the weight stream
   */
  public static Audience broadcast(int session, String stream) {
    return new Audience(session, "broadcast of " + stream);
  }

  /** What its frames carry in clear. */
  int session() {
    return session;
  }

  /** What the tag of its frames is over, and what they do not carry. */
  byte[] bound() {
    return bound;
  }
}
