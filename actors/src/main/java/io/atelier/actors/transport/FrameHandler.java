package io.atelier.actors.transport;

/** What is done with frames that were let in. Called on the agent thread. */
interface FrameHandler {

  /**
   * Takes a frame.
   *
   * @param frame valid during the call
   * @param now in nanoseconds
   * @throws MalformedException if it claims what cannot be
   */
  void onFrame(Frame frame, long now);

  /** The payload of a frame was damaged on its way; its header was not. */
  default void onDamaged(Frame frame) {}
}
