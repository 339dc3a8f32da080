/**
 * From a prompt to a group of images: {@link io.atelier.rollout.sampler.GroupSampler} is the {@link
 * io.atelier.rollout.Generator} of Stable Diffusion 3 models. Latents are native float32 arrays
 * from the first step to the decoder, (G, channels, height, width): noise is copied in, and the
 * trajectory's values are copied out after each trained step. A group is always one batch of its
 * size, so its bits do not depend on what else is sampled.
 */
package io.atelier.rollout.sampler;
