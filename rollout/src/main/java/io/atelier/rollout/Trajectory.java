package io.atelier.rollout;

/**
 * The trained steps of the samples of one group, as the sampler took them. Arrays are row-major and
 * float32; T is the number of trained steps, G the group size, D the elements of one latent.
 *
 * @param stepIndex denoising step of each trained step, T values; 0 is the noisiest
 * @param latentShape (channels, height, width) of a latent
 * @param before latents before each step, (T, G, D)
 * @param after latents after each step, (T, G, D)
 * @param mean mean of each step under the sampling policy, (T, G, D); empty unless the loss needs
 *     it
 * @param logProb log-probability of each step under the sampling policy, (T, G)
 * @param prompt what the velocity network was told
 */
public record Trajectory(
    int[] stepIndex,
    int[] latentShape,
    float[] before,
    float[] after,
    float[] mean,
    float[] logProb,
    PromptEmbeddings prompt) {

  /** The same of this prompt. */
  public Trajectory withPrompt(PromptEmbeddings prompt) {
    return new Trajectory(stepIndex, latentShape, before, after, mean, logProb, prompt);
  }
}
