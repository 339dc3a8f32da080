package io.atelier.rollout.sampler;

import io.atelier.models.safetensors.Bfloat16;

/** In which type the latents of trained steps are drawn, kept and sent. */
public enum LatentType {
  FLOAT32 {
    @Override
    void round(float[] latents) {}
  },
  /**
   * Half the bytes. What is drawn is rounded before its log-probability is taken, so the learner
   * computes with the very latents that the sampler went on from, and first ratios stay 1.
   */
  BFLOAT16 {
    @Override
    void round(float[] latents) {
      for (int i = 0; i < latents.length; i++) {
        latents[i] = Bfloat16.round(latents[i]);
      }
    }
  };

  /** Rounds all values to this type. */
  abstract void round(float[] latents);
}
