package io.atelier.rollout.sampler;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.TorchOps;
import io.atelier.rollout.PromptEmbeddings;
import java.util.Arrays;

/**
 * The velocity network's conditions for a batch of prompts: P rows, or with guidance 2P rows of
 * which the first P are the empty prompt. Each row conditions the same number of consecutive
 * latents.
 *
 * @param prompts number of prompts P, at least 1
 * @param context text features, (P or 2P, tokens, width)
 * @param lastRepeats number of equal tokens that the last one stands for, at least 1
 * @param pooled pooled text vectors, (P or 2P, width)
 */
public record Conditions(int prompts, NDArray context, int lastRepeats, NDArray pooled) {

  public Conditions {
    long rows = context.getShape().get(0);
    if (prompts < 1 || lastRepeats < 1 || rows != prompts && rows != 2L * prompts) {
      throw new IllegalArgumentException(
          "text features %s, the last token %d times, are not those of %d prompts: they need %d rows, or %d with guidance"
              .formatted(context.getShape(), lastRepeats, prompts, prompts, 2L * prompts));
    }
    if (pooled.getShape().get(0) != rows) {
      throw new IllegalArgumentException(
          "pooled text vectors %s do not belong to text features %s: they need as many rows"
              .formatted(pooled.getShape(), context.getShape()));
    }
  }

  /**
   * Conditions of full texts; trailing tokens that are equal, the same in all rows, are stored
   * once.
   *
   * @param context text features, (P or 2P, tokens, width)
   */
  public static Conditions of(int prompts, NDArray context, NDArray pooled) {
    long[] shape = context.getShape().getShape();
    int tokens = Math.toIntExact(shape[1]);
    int width = Math.toIntExact(shape[2]);
    float[] values = Host.floats(context);
    int repeats = 1;
    while (repeats < tokens && equalInAllRows(values, tokens - repeats - 1, tokens, width)) {
      repeats++;
    }
    NDArray kept =
        repeats == 1 ? context : TorchOps.slice(context, 1, 0, tokens - repeats + 1).duplicate();
    return new Conditions(prompts, kept, repeats, pooled);
  }

  /** Whether {@code token} of every row equals the last token of the first row. */
  private static boolean equalInAllRows(float[] values, int token, int tokens, int width) {
    int last = (tokens - 1) * width;
    for (int row = 0; row < values.length; row += tokens * width) {
      for (int at : new int[] {row + token * width, row + last}) {
        if (!Arrays.equals(values, at, at + width, values, last, last + width)) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * Conditions of one prompt.
   *
   * @param scope owns them
   */
  public static Conditions of(NDManager scope, PromptEmbeddings prompt) {
    int width = prompt.context().length / (prompt.rows() * prompt.tokens());
    int pooled = prompt.pooled().length / prompt.rows();
    return new Conditions(
        1,
        Host.toNative(scope, prompt.context(), prompt.rows(), prompt.tokens(), width),
        prompt.lastRepeats(),
        Host.toNative(scope, prompt.pooled(), prompt.rows(), pooled));
  }

  /** A copy of the conditions of one prompt. */
  public PromptEmbeddings embeddings() {
    if (prompts != 1) {
      throw new IllegalStateException("conditions of %d prompts, not of one".formatted(prompts));
    }
    int tokens = Math.toIntExact(context.getShape().get(1));
    return new PromptEmbeddings(
        rows(), tokens, lastRepeats, Host.floats(context), Host.floats(pooled));
  }

  /** Whether there is an unconditional branch. */
  public boolean guided() {
    return rows() == 2 * prompts;
  }

  int rows() {
    return Math.toIntExact(context.getShape().get(0));
  }
}
