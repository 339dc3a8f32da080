package io.atelier.rollout.flow;

import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;

/**
 * The consecutive denoising steps that are stochastic and trained; all others are Euler steps. The
 * window's position is drawn once for each learner step, uniformly among those that fit into its
 * range; it is fixed if the range has the window's length.
 *
 * @param length number of trained steps, at least 1; 0 in {@link #NONE} alone
 * @param from first denoising step of the range, inclusive
 * @param to end of the range, exclusive
 */
public record TrainedWindow(int length, int from, int to) {

  /** No step is stochastic or trained. */
  public static final TrainedWindow NONE = new TrainedWindow(0, 0, 0);

  public TrainedWindow {
    if (length < 0 || from < 0 || to - from < length || length == 0 && to != 0) {
      throw new IllegalArgumentException(
          "trained-steps %d does not fit into the denoising steps %d to %d (exclusive)"
              .formatted(length, from, to));
    }
  }

  /** The first {@code length} steps, always. */
  public static TrainedWindow first(int length) {
    return new TrainedWindow(length, 0, length);
  }

  /** First trained denoising step of learner step {@code step}. */
  public int start(GroupNoise noise, int step) {
    int places = to - from - length + 1;
    return places == 1 ? from : from + noise.stream(Purpose.TRAINED_WINDOW, step).nextInt(places);
  }
}
