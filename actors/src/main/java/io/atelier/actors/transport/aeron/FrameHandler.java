package io.atelier.actors.transport.aeron;

import io.atelier.actors.transport.MalformedException;
import io.atelier.actors.transport.wire.Frame;

/** What is done with frames that were let in. Called on the agent thread. */
public interface FrameHandler {

  /**
   * Takes a frame.
   *
   * @param frame valid during the call
   * @param now in nanoseconds
   * @throws MalformedException if it claims what cannot be
   */
  void onFrame(Frame frame, long now);
}
