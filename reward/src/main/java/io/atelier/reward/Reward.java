package io.atelier.reward;

import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.PlaceGrid;

/**
 * Scores a whole group at once. A failure is never a number: it has its own outcome.
 * Implementations are pure given their weights, and not thread-safe: one compute thread owns each.
 */
public interface Reward extends AutoCloseable {

  /**
   * Short name under which the scores are reported, such as {@code adversarial} or {@code jpeg}.
   */
  String name();

  Outcome score(ImageGroup group);

  @Override
  default void close() {}

  /** Outcome of scoring one group. */
  sealed interface Outcome permits Scored, Absent, RetryLater, Unscorable {}

  /**
   * Every image has a finite score; higher is better.
   *
   * @param total one value for each image: the reward, unless a {@link
   *     io.atelier.reward.graph.RewardGraph} computes it from the parts
   * @param parts scores of the same images by each named part of the reward
   * @param places a score of each place of each image, (images, {@link PlaceGrid#COUNT}), if
   *     requested; otherwise empty
   */
  record Scored(float[] total, java.util.Map<String, float[]> parts, float[] places)
      implements Outcome {

    /** Without scores of places. */
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
   * The reward does not apply to this group, such as OCR for a prompt that asks for no text. Only
   * the other rewards count then; this one is left out, not counted as 0.
   */
  record Absent(String reason) implements Outcome {}

  /** A transient failure, such as a busy service. */
  record RetryLater(String reason) implements Outcome {}

  /** A permanent failure: this group will never have scores. */
  record Unscorable(String reason) implements Outcome {}
}
