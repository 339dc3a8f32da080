package io.atelier.actors.worker;

/**
 * The order that a worker is carrying out. Order numbers only grow, so late and duplicate orders
 * are recognised by their number.
 */
final class Orders {
  private long latest;
  private boolean working;

  /** Begins an order; false if it is a duplicate, was revoked, or is older than the present one. */
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

  /** Gives up an order, whether it has arrived or not. */
  void revoke(long order) {
    if (order >= latest) {
      latest = order;
      working = false;
    }
  }
}
