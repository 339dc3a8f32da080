package io.atelier.rollout.sampler;

import ai.djl.ndarray.NDArray;

/**
 * What the velocity network is told about the prompts of a batch: P rows, or with guidance 2P rows
 * of which the first P are the empty prompt. Row r conditions consecutive latents, the same number
 * each.
 *
 * @param prompts number of prompts P
 * @param context text features, (P or 2P, tokens, width)
 * @param pooled pooled text vectors, (P or 2P, width)
 */
public record Conditions(int prompts, NDArray context, NDArray pooled) {

  /** Whether the unconditional branch is there. */
  public boolean guided() {
    return rows() == 2 * prompts;
  }

  int rows() {
    return Math.toIntExact(context.getShape().get(0));
  }
}
