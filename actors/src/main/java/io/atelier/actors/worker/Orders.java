package io.atelier.actors.worker;

/**
 * Which order of the conductor a worker is at. Orders only grow in number, so what is late or
 * doubled is known by its number.
 */
final class Orders {
  private long latest;
  private boolean working;

  /** Begins an order; false if it was seen, revoked or overtaken before. */
  boolean begin(long order) {
    if (order <= latest) {
      return false;
    }
    latest = order;
    working = true;
    return true;
  }

  /** Whether an order that began is still to be worked on. */
  boolean isCurrent(long order) {
    return working && order == latest;
  }

  void done() {
    working = false;
  }

  /** Lets go of an order, whether it came or not. */
  void revoke(long order) {
    if (order >= latest) {
      latest = order;
      working = false;
    }
  }
}
