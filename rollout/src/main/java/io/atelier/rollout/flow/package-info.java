/**
 * Flow matching: noise levels, and the steps that take a latent from one level to the next.
 *
 * <p>A latent at noise level sigma is {@code x = (1 - sigma) x0 + sigma noise}, with sigma falling
 * from 1 (noise) to 0 (image) while sampling; the network's velocity is {@code v = noise - x0}.
 * Functions of the level alone are plain Java in float64. Latents go through elementwise operators
 * on float32 arrays, which compute in float64, and through sums in order: the same bits on every
 * CPU, and the same code for sampling and for training.
 */
package io.atelier.rollout.flow;
