package io.atelier.reward;

import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.PlaceGrid;

/**
 * Scores a whole group at once. A failure is never a number: what cannot be scored is said to be
 * so. Implementations are pure given their weights, and not thread-safe: one compute thread owns
 * one.
 */
public interface Reward extends AutoCloseable {

  /**
   * Short name under which the scores are reported, such as {@code adversarial} or {@code jpeg}.
   */
  String name();

  Outcome score(ImageGroup group);

  @Override
  default void close() {}

  /** What came of scoring one group. */
  sealed interface Outcome permits Scored, Absent, RetryLater, Unscorable {}

  /**
   * Every image has a finite score; higher is better.
   *
   * @param total one value for each image: what is trained on, unless a {@link
   *     io.atelier.reward.graph.RewardGraph} makes that of the parts
   * @param parts the same images under each named part of the reward
   * @param places a score of each place of each image, (images, {@link PlaceGrid#COUNT}), where
   *     they are asked for; else empty
   */
  record Scored(float[] total, java.util.Map<String, float[]> parts, float[] places)
      implements Outcome {

    /** Of whole images alone. */
    public Scored(float[] total, java.util.Map<String, float[]> parts) {
      this(total, parts, new float[0]);
    }

    public Scored {
      for (int i = 0; i < total.length; i++) {
        if (!Float.isFinite(total[i])) {
          throw new IllegalArgumentException("score of image %d is %s".formatted(i, total[i]));
        }
      }
    }
  }

  /**
   * The reward does not apply to this group, such as one of written words where the prompt asks for
   * none. Other rewards alone decide then; it counts as nothing, not as 0.
   */
  record Absent(String reason) implements Outcome {}

  /** A passing failure, such as a service that is busy. */
  record RetryLater(String reason) implements Outcome {}

  /** A lasting failure: this group will never have scores. */
  record Unscorable(String reason) implements Outcome {}
}
