package io.atelier.actors.transport.aeron;

import io.atelier.actors.transport.wire.Content;

/**
 * Who has something to do in every turn of the agent. Called on the agent thread; {@code now} is in
 * nanoseconds.
 */
public interface Participant {

  /** Before queued frames are sent: what arrived, what to ask for. How much was done. */
  default int receive(long now) {
    return 0;
  }

  /** After queued frames are sent: what goes out by other connections. How much was done. */
  default int send(long now) {
    return 0;
  }

  /** Sends no more of this content, whose memory will be reused. */
  default void drop(Content content) {}

  /** The data plane is closed: fails what is under way. */
  default void close() {}
}
