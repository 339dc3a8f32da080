/**
 * Stable Diffusion 3 and 3.5, from the folder that diffusers writes to velocities and images.
 *
 * <p>Start at {@link io.atelier.models.sd3.PipelineFolder}: it reads the configurations, holds the
 * files against them, and loads each part. Weights are shared by all that load them in a process,
 * so nobody writes to them; a network that is trained as a whole has its own.
 *
 * <ul>
 *   <li>{@link io.atelier.models.sd3.PromptEncoder} turns prompts into features, by two {@link
 *       io.atelier.models.sd3.ClipTextEncoder}s and, where there is one, {@link
 *       io.atelier.models.sd3.T5Encoder}.
 *   <li>{@link io.atelier.models.sd3.Mmdit} predicts the velocity of latents, in blocks that each
 *       attend jointly over image and text. {@link io.atelier.models.sd3.MmditAdapter} puts a
 *       low-rank adapter into its linear maps; {@link io.atelier.models.sd3.TrainedPart} is what is
 *       trained, such an adapter or the whole network; {@link
 *       io.atelier.models.sd3.GradientCheckpointing} says how its gradients are computed.
 *   <li>{@link io.atelier.models.sd3.Vae} goes between images and latents; {@link
 *       io.atelier.models.sd3.VaePass} takes whole sets of images, {@link
 *       io.atelier.models.sd3.Pixels} goes between 8-bit images and what it reads.
 * </ul>
 *
 * <p>Shapes: R rows of conditions (prompts, and once more for the empty prompt where guidance is
 * used), B = R·n latents, (B, channels, height, width); row r conditions latents r·n to r·n + n −
 * 1.
 */
package io.atelier.models.sd3;
