/**
 * From a prompt to a group of images: {@link io.atelier.rollout.sampler.GroupSampler} is the {@link
 * io.atelier.rollout.Generator} of Stable Diffusion 3 models. Latents pass between steps as float32
 * arrays in JVM memory, (G, channels, height, width); native arrays live for one network call. A
 * group is always one batch of its size, so its bits do not depend on what else is sampled.
 */
package io.atelier.rollout.sampler;
