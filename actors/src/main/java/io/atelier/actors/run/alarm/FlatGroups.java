package io.atelier.actors.run.alarm;

/**
 * Counts steps running in which all images of every group have the same reward, so that no image is
 * better than another and nothing is learned.
 */
public final class FlatGroups {

  /** Of a line of {@code metrics.jsonl}; only where images learn from what others got. */
  static final String KEY = "flat-steps";

  private int steps;

  /**
   * Takes a step.
   *
   * @param share of its groups that are flat, 0 to 1; NaN if that is not known
   * @return steps running, up to this one, in which every group was flat
   */
  public int step(double share) {
    steps = share >= 1 ? steps + 1 : 0;
    return steps;
  }
}
