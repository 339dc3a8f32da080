package io.atelier.actors.node;

/** A worker of this node hangs in native code, which only the end of its process ends. */
public final class HungException extends RuntimeException {
  private static final long serialVersionUID = 1;

  HungException(String reason) {
    super(
        reason
            + ". Nothing in a process can end such a thread, so this node ends; start it again. What"
            + " only takes long needs higher limits: limits.rollout-lease, limits.reward-lease");
  }
}
