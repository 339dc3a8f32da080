package io.atelier.rollout;

/**
 * The text encoders' output for a group's prompt, as the velocity network takes it: computed where
 * the group is sampled, so that no other worker needs the encoders. Arrays are row-major and
 * float32.
 *
 * @param rows 1, or 2 with guidance: the empty prompt first
 * @param tokens text tokens per row
 * @param lastRepeats number of equal tokens that the last one stands for, at least 1
 * @param context text features, (rows, tokens, width)
 * @param pooled pooled text vectors, (rows, pooled width)
 */
public record PromptEmbeddings(
    int rows, int tokens, int lastRepeats, float[] context, float[] pooled) {

  /** No embeddings. */
  public static final PromptEmbeddings NONE =
      new PromptEmbeddings(0, 0, 1, new float[0], new float[0]);

  public PromptEmbeddings {
    if (rows < 0
        || tokens < 0
        || lastRepeats < 1
        || context.length % Math.max(1, (long) rows * tokens) != 0
        || pooled.length % Math.max(1, rows) != 0) {
      throw new IllegalArgumentException(
          "%d values in %d rows of %d tokens, the last %d times, and %d pooled are not embeddings"
              .formatted(context.length, rows, tokens, lastRepeats, pooled.length));
    }
  }
}
