package io.atelier.actors.ledger.state;

/**
 * How a node has done with the computations of one role, in its present life: by this the ledger
 * tells a node that is broken from a group that is.
 */
final class Standing {

  /** Failures in a row after which a node is set aside, if others do better. */
  private static final int FAULTY = 3;

  private boolean worked;
  private int failures;
  private String first = "";

  /** A computation succeeded. */
  void worked() {
    worked = true;
    failures = 0;
    first = "";
  }

  /**
   * A computation failed.
   *
   * @param error who failed, and how
   */
  void failed(String error) {
    if (failures++ == 0) {
      first = error;
    }
  }

  /** Failures since the last success; one that never succeeded comes after all that did. */
  int doubt() {
    return worked ? failures : Integer.MAX_VALUE;
  }

  /** Whether it fails so often that the groups are not to blame, if others do better. */
  boolean isFaulty() {
    return failures >= FAULTY;
  }

  int failures() {
    return failures;
  }

  /** The first failure since the last success. */
  String first() {
    return first;
  }
}
