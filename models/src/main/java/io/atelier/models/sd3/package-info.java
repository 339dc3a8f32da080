/**
 * Stable Diffusion 3 and 3.5, from the folder that diffusers writes to velocities and images.
 *
 * <p>Start at {@link io.atelier.models.sd3.PipelineFolder}: it reads the configurations, checks the
 * files against them, and loads each part. Weights are shared by all users in a process and are
 * read-only; a network that is trained as a whole has its own.
 *
 * <ul>
 *   <li>{@link io.atelier.models.sd3.PromptEncoder} turns prompts into features, with two {@link
 *       io.atelier.models.sd3.ClipTextEncoder}s and, if present, a {@link
 *       io.atelier.models.sd3.T5Encoder}.
 *   <li>{@link io.atelier.models.sd3.Mmdit} predicts the velocity of latents, in blocks that each
 *       attend jointly over image and text. {@link io.atelier.models.sd3.MmditAdapter} adds a
 *       low-rank adapter to its linear maps; {@link io.atelier.models.sd3.TrainedPart} is the
 *       trained part, such an adapter or the whole network; {@link
 *       io.atelier.models.sd3.GradientCheckpointing} selects how its gradients are computed.
 *   <li>{@link io.atelier.models.sd3.Vae} converts between images and latents; {@link
 *       io.atelier.models.sd3.VaePass} does so for sets of images, {@link
 *       io.atelier.models.sd3.Pixels} converts 8-bit images to its input and back.
 * </ul>
 *
 * <p>Shapes: R rows of conditions (prompts, and once more for the empty prompt where guidance is
 * used), B = R·n latents, (B, channels, height, width); row r conditions latents r·n to r·n + n −
 * 1.
 */
package io.atelier.models.sd3;
