package io.atelier.rollout;

import java.util.Arrays;

/**
 * The trained steps of the samples of one group, as the sampler took them; or, where no step is
 * trained, the final latents. Arrays are row-major and float32; T is the number of trained steps, G
 * the group size, D the elements of one latent.
 *
 * @param stepIndex denoising step of each trained step, T values, one after the other; 0 is the
 *     noisiest
 * @param latentShape (channels, height, width) of a latent
 * @param latents latents before the first step and after each, (T + 1, G, D); clean ones if T is 0
 * @param mean mean of each step under the sampling policy, (T, G, D); empty unless the loss needs
 *     it
 * @param logProb log-probability of each step under the sampling policy, (T, G)
 * @param prompt the prompt's embeddings that the velocity network was given
 */
public record Trajectory(
    int[] stepIndex,
    int[] latentShape,
    float[] latents,
    float[] mean,
    float[] logProb,
    PromptEmbeddings prompt) {

  /**
   * A group without trained steps.
   *
   * @param latents at noise level 0, (G, D)
   */
  public static Trajectory ofClean(int[] latentShape, float[] latents) {
    return new Trajectory(
        new int[0], latentShape, latents, new float[0], new float[0], PromptEmbeddings.NONE);
  }

  /** Number of trained steps, T. */
  public int steps() {
    return stepIndex.length;
  }

  /** Group size, G. */
  public int samples() {
    return latents.length / (steps() + 1) / elements();
  }

  /** Elements of one latent, D. */
  public int elements() {
    return latentShape[0] * latentShape[1] * latentShape[2];
  }

  /** A copy of the latents before trained step {@code t} of T, (G, D). */
  public float[] before(int t) {
    int size = latents.length / (steps() + 1);
    return Arrays.copyOfRange(latents, t * size, (t + 1) * size);
  }

  /** A copy of the latents after trained step {@code t}, which are those before the next. */
  public float[] after(int t) {
    return before(t + 1);
  }

  /** The same trajectory with these embeddings. */
  public Trajectory withPrompt(PromptEmbeddings prompt) {
    return new Trajectory(stepIndex, latentShape, latents, mean, logProb, prompt);
  }
}
