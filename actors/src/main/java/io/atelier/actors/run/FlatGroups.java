package io.atelier.actors.run;

import java.util.Locale;
import java.util.Optional;

/**
 * Notices a run that goes on without learning: steps in which all images of every group have the
 * same reward, so that no image is better than another.
 */
final class FlatGroups {

  /** Steps running after which it is no chance. */
  static final int PATIENCE = 3;

  private int steps;

  /**
   * Takes a step.
   *
   * @param share of its groups that are flat, 0 to 1; NaN if that is not known
   * @return what to tell a person, once for each stretch of such steps
   */
  Optional<String> step(double share) {
    steps = share >= 1 ? steps + 1 : 0;
    if (steps != PATIENCE) {
      return Optional.empty();
    }
    return Optional.of(
        String.format(
            Locale.ROOT,
            "WARNING: in %d steps running every group was flat, that is, all its images had one reward:"
                + " the policy learns nothing. Look at the images and at what gives the reward; a"
                + " larger rollout.group-size or rollout.noise-level makes images differ more",
            steps));
  }

  /** Steps running, up to the last one, in which every group was flat. */
  int steps() {
    return steps;
  }
}
