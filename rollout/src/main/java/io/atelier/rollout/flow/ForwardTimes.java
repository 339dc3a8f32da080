package io.atelier.rollout.flow;

import io.atelier.rollout.GroupId;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;

/**
 * The noise levels that a group's images are noised to for training. They are levels of the
 * sampler's schedule: a range of denoising steps is split into parts whose lengths differ by at
 * most one step, and one step is drawn from each part, the same for all images of the group (as in
 * the code of AWM, arXiv 2509.25050).
 *
 * @param count number K of levels, at least 1
 * @param from first denoising step of the range, inclusive; 0 is the noisiest
 * @param to end of the range, exclusive; at least {@code count} after {@code from}
 */
public record ForwardTimes(int count, int from, int to) {

  public ForwardTimes {
    if (count < 1 || from < 0 || to - from < count) {
      throw new IllegalArgumentException(
          "times %d do not fit into the denoising steps %d to %d (exclusive): there must be at least 1, and as many steps"
              .formatted(count, from, to));
    }
  }

  /** The denoising step whose level is the {@code k}-th of the group, k from 0. */
  public int step(GroupNoise noise, GroupId group, int k) {
    int low = bound(k);
    return low + noise.stream(Purpose.FORWARD_TIME, group, 0, k).nextInt(bound(k + 1) - low);
  }

  private int bound(int k) {
    return from + (int) ((long) k * (to - from) / count);
  }
}
