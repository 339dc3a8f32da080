package io.atelier.rollout.sampler;

import ai.djl.ndarray.NDArray;
import io.atelier.models.tensor.TorchOps;

/** In which type the latents of trained steps are drawn, kept and sent. */
public enum LatentType {
  FLOAT32 {
    @Override
    NDArray round(NDArray latents) {
      return latents;
    }
  },
  /**
   * Half the bytes. What is drawn is rounded before its log-probability is taken, so the learner
   * computes with the very latents that the sampler went on from, and first ratios stay 1.
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
