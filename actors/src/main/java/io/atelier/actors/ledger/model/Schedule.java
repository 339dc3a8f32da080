package io.atelier.actors.ledger.model;

/**
 * Which weights the groups of a step are drawn and scored with. Version v of the policy or of the
 * critic is the one that v steps have trained.
 *
 * @param mode how strictly versions follow steps
 * @param policyLag K: a group trained in step b was drawn with policy version {@code max(0, b - K)}
 *     exactly in {@code SYNC} and {@code FIXED_LAG}, and at least that in {@code FREE_RUNNING}
 * @param criticLag Kc: the same for the critic version that scored it
 * @param depth how many steps generation may run ahead of the step being trained, 0..K; equal to K
 *     unless {@code FREE_RUNNING}
 */
public record Schedule(Mode mode, int policyLag, int criticLag, int depth) {

  /** The kinds of schedule. */
  public enum Mode {
    /** No lag: sampling, scoring and learning take turns. */
    SYNC,
    /** Overlapped and reproducible: versions are a function of the step. */
    FIXED_LAG,
    /** As fast as it goes: versions depend on timing, within the lag. */
    FREE_RUNNING
  }

  public Schedule {
    require(policyLag >= 0, "policy lag %d is negative", policyLag);
    require(criticLag >= 0, "critic lag %d is negative", criticLag);
    require(
        depth >= 0 && depth <= policyLag,
        "depth %d is not within 0..%d, the policy lag",
        depth,
        policyLag);
    require(
        mode != Mode.SYNC || policyLag == 0 && criticLag == 0,
        "a sync schedule has no lag, got policy lag %d and critic lag %d; choose fixed-lag",
        policyLag,
        criticLag);
    require(
        mode != Mode.FIXED_LAG || depth == policyLag,
        "a fixed-lag schedule runs ahead by its lag %d, got depth %d",
        policyLag,
        depth);
    require(
        mode != Mode.FREE_RUNNING || policyLag >= 1 && criticLag >= 1,
        "a free-running schedule needs lags of at least 1, got policy lag %d and critic lag %d",
        policyLag,
        criticLag);
  }

  public static Schedule sync() {
    return new Schedule(Mode.SYNC, 0, 0, 0);
  }

  public static Schedule fixedLag(int policyLag, int criticLag) {
    return new Schedule(Mode.FIXED_LAG, policyLag, criticLag, policyLag);
  }

  public static Schedule freeRunning(int policyLag, int criticLag, int depth) {
    return new Schedule(Mode.FREE_RUNNING, policyLag, criticLag, depth);
  }

  /**
   * The oldest policy version that may have drawn a group trained in {@code step}; the only one
   * unless free-running.
   */
  public long policyVersion(int step) {
    return Math.max(0, step - policyLag);
  }

  /**
   * The oldest critic version that may have scored a group trained in {@code step}; the only one
   * unless free-running.
   */
  public long criticVersion(int step) {
    return Math.max(0, step - criticLag);
  }

  private static void require(boolean holds, String message, Object... values) {
    if (!holds) {
      throw new IllegalArgumentException(message.formatted(values));
    }
  }
}
