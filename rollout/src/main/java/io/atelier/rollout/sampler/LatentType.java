package io.atelier.rollout.sampler;

import ai.djl.ndarray.NDArray;
import io.atelier.models.tensor.TorchOps;

/** The type in which latents of trained steps are drawn, stored and sent. */
public enum LatentType {
  FLOAT32 {
    @Override
    NDArray round(NDArray latents) {
      return latents;
    }
  },
  /**
   * Half the bytes. Drawn latents are rounded before their log-probability is computed, so the
   * learner uses the same latents as the sampler, and first ratios stay 1.
   */
  BFLOAT16 {
    @Override
    NDArray round(NDArray latents) {
      return TorchOps.call("bfloat16_rounded", latents);
    }
  };

  /** All values rounded to this type, as float32. */
  abstract NDArray round(NDArray latents);
}
