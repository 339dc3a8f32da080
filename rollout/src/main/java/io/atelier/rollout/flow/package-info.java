/**
 * Flow matching: noise levels, and the steps that take a latent from one level to the next.
 *
 * <p>A latent at noise level sigma is {@code x = (1 - sigma) x0 + sigma noise}, with sigma falling
 * from 1 (noise) to 0 (image) while sampling; the network's velocity is {@code v = noise - x0}.
 * What depends on the level alone is plain Java in float64. What is done to latents are elementwise
 * operators on float32 arrays with float64 inside, and sums in order: the same bits on every CPU,
 * and the same code for sampling and for training.
 */
package io.atelier.rollout.flow;
