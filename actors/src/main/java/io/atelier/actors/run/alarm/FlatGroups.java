package io.atelier.actors.run.alarm;

import java.util.Map;

/**
 * Counts steps in a row in which all images of every group have the same reward, so that no image
 * is better than another and nothing is learned.
 */
public final class FlatGroups {

  /**
   * Key in a line of {@code metrics.jsonl}; only where an image is compared with others of its
   * group.
   */
  static final String KEY = "flat-steps";

  private int steps;

  /**
   * @param curves of the run so far; a resumed run continues its count
   */
  public FlatGroups(RunCurves curves) {
    this.steps =
        curves.steps().getOrDefault(curves.trained(), Map.of()).getOrDefault(KEY, 0.0).intValue();
  }

  /**
   * Counts a step.
   *
   * @param share of its groups that are flat, 0 to 1; NaN if unknown
   * @return steps in a row, up to this one, in which every group was flat
   */
  public int step(double share) {
    steps = share >= 1 ? steps + 1 : 0;
    return steps;
  }
}
