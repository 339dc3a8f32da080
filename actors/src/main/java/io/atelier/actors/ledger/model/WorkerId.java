package io.atelier.actors.ledger.model;

/**
 * Names a worker, and which life of it: a worker that is replaced comes back with the next
 * incarnation, and nothing that the former one said counts any more.
 *
 * @param role what it does
 * @param name unique within the run, such as {@code rollout-0}
 * @param incarnation how often it was replaced
 * @param node where it runs, and where its blobs are
 */
public record WorkerId(Role role, String name, int incarnation, String node) {

  @Override
  public String toString() {
    return incarnation == 0 ? name : name + "#" + incarnation;
  }
}
