package io.atelier.rollout.sampler;

import io.atelier.rollout.flow.StepKind;
import io.atelier.rollout.flow.TrainedWindow;
import io.atelier.rollout.noise.GroupNoise;

/**
 * Configuration of group sampling.
 *
 * @param groupSize images per group G, at least 1
 * @param chunk samples of a group that pass through the network at once, in sampling and in
 *     learning alike, so that first ratios are exactly 1; a divisor of the group size, or 0 for the
 *     whole group. Results of different chunks differ in their last bits
 * @param height rows of an image, in pixels; a multiple that depends on the model
 * @param width columns of an image, in pixels
 * @param steps denoising steps N, at least 2: the last one is never trained
 * @param guidance scale g of classifier-free guidance, {@code v = v_u + g (v_c - v_u)}; 1 evaluates
 *     the prompt's branch alone
 * @param kind kind of the trained steps; all others are Euler steps. ODE where no step is trained
 *     and the learner trains on the images themselves
 * @param noiseLevel noise level a of the trained steps: above 0, for CPS at most 1; 0 for ODE
 * @param window which steps are trained; {@link TrainedWindow#NONE} for ODE
 * @param sharedStart whether all images of a group start from the same noise and diverge at the
 *     first trained step: then they differ only by the noise of trained steps, and earlier steps
 *     are computed once. The first Flow-GRPO-Fast did so; Flow-GRPO and Adv-GRPO as released give
 *     every image its own noise, which Flow-GRPO (arXiv 2505.05470, figure 10) found better
 * @param mergeAdapter whether the adapter is added to the weights, by sampler and learner alike:
 *     sampling is faster, and first ratios are 1 either way
 * @param decodeBatch latents that the VAE decodes at once, at least 1
 * @param promptCache prompts whose text features are kept, at least 1
 * @param latents type of the latents of the trained steps
 */
public record RolloutConfig(
    int groupSize,
    int chunk,
    int height,
    int width,
    int steps,
    double guidance,
    StepKind kind,
    double noiseLevel,
    TrainedWindow window,
    boolean sharedStart,
    boolean mergeAdapter,
    int decodeBatch,
    int promptCache,
    LatentType latents) {

  public RolloutConfig {
    require(
        groupSize >= 1 && groupSize <= GroupNoise.SAMPLES_MAX,
        "group-size must be 1 to %s, got %s",
        GroupNoise.SAMPLES_MAX,
        groupSize);
    require(chunk >= 0, "chunk must be at least 1, or 0 for a whole group, got %s", chunk);
    require(
        chunk == 0 || groupSize % chunk == 0,
        "chunk %s does not divide groups of %s samples",
        chunk,
        groupSize);
    require(
        height >= 1 && width >= 1,
        "height and width must be at least 1, got %s and %s",
        height,
        width);
    require(
        steps >= 2 && steps <= GroupNoise.DENOISING_STEPS_MAX,
        "steps must be 2 to %s, since the last is never trained, got %s",
        GroupNoise.DENOISING_STEPS_MAX,
        steps);
    require(
        guidance >= 1 && !Double.isInfinite(guidance),
        "guidance must be at least 1 (1 is none), got %s",
        guidance);
    boolean trained = !window.equals(TrainedWindow.NONE);
    require(
        kind.stochastic() || !trained,
        "kernel must be sde or cps, since trained steps need noise, got %s",
        kind);
    require(
        trained || !kind.stochastic() && noiseLevel == 0 && !sharedStart,
        "without trained steps, all must be of kind ode with noise level 0, got %s and %s, and images"
            + " cannot share their start, since they would be identical",
        kind,
        noiseLevel);
    require(
        !trained || noiseLevel > 0 && (kind != StepKind.CPS || noiseLevel <= 1) && noiseLevel < 100,
        "noise-level must be above 0, and at most 1 for cps, got %s for %s",
        noiseLevel,
        kind);
    require(
        window.to() < steps,
        "trained-to is %s (exclusive), but the last of %s denoising steps, which draws next to no"
            + " noise, cannot be trained",
        window.to(),
        steps);
    require(decodeBatch >= 1, "decode-batch must be at least 1, got %s", decodeBatch);
    require(promptCache >= 1, "prompt-cache must be at least 1, got %s", promptCache);
  }

  /**
   * Ten steps with CPS, the first two trained, as in Adv-GRPO, but with a start shared by the
   * group, where Adv-GRPO gives every image its own noise.
   */
  public static RolloutConfig of(int groupSize, int height, int width) {
    return new RolloutConfig(
        groupSize,
        0,
        height,
        width,
        10,
        4.5,
        StepKind.CPS,
        0.8,
        TrainedWindow.first(2),
        true,
        false,
        16,
        256,
        LatentType.FLOAT32);
  }

  /** Samples of a group that pass through the network at once, at least 1. */
  public int samplesAtOnce() {
    return chunk == 0 ? groupSize : chunk;
  }

  /** Number of completions of a group: one image for each state before a trained step. */
  public int completedImages() {
    return sharedStart
        ? 1 + (window.length() - 1) * groupSize
        : Math.multiplyExact(window.length(), groupSize);
  }

  private static void require(boolean valid, String message, Object... values) {
    if (!valid) {
      throw new IllegalArgumentException(message.formatted(values));
    }
  }
}
