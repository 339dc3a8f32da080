package io.atelier.actors.worker;

import io.atelier.actors.ledger.model.BlobRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The order that a worker is carrying out. Order numbers only grow, so late and duplicate orders
 * are recognised by their number. The worker changes it; its host reads it for heartbeats, while
 * the worker's thread computes.
 */
final class Orders {

  /**
   * How far a worker is.
   *
   * @param latest the largest order it has seen; 0 if none
   * @param working whether it is still at it
   */
  record Progress(long latest, boolean working) {}

  private volatile Progress progress = new Progress(0, false);
  private volatile List<BlobRef> made = List.of();
  private final Queue<BlobRef> earlier = new ConcurrentLinkedQueue<>();

  /** Begins an order; false if it is a duplicate, was revoked, or is older than the present one. */
  boolean begin(long order) {
    if (order <= progress.latest) {
      return false;
    }
    earlier.addAll(made);
    made = List.of();
    progress = new Progress(order, true);
    return true;
  }

  /** Whether an order that began is still to be worked on. */
  boolean isCurrent(long order) {
    return progress.working && order == progress.latest;
  }

  /**
   * The order is carried out.
   *
   * @param blobs that the answer names
   */
  void done(List<BlobRef> blobs) {
    made = blobs;
    progress = new Progress(progress.latest, false);
  }

  /**
   * What the last answer names, until another order comes: if nobody heard it, nobody else knows of
   * these.
   */
  List<BlobRef> made() {
    return made;
  }

  /**
   * What the answers before the last order name. They were heard, or nobody wants them: a conductor
   * gives no other order before. Their release may have been lost, and a result that waits for room
   * may wait for that. Each is told once.
   */
  List<BlobRef> earlier() {
    List<BlobRef> all = new ArrayList<>();
    for (BlobRef blob = earlier.poll(); blob != null; blob = earlier.poll()) {
      all.add(blob);
    }
    return all;
  }

  /** Gives up an order, whether it has arrived or not. */
  void revoke(long order) {
    if (order >= progress.latest) {
      progress = new Progress(order, false);
    }
  }

  Progress progress() {
    return progress;
  }
}
