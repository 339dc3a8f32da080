/**
 * Flow matching: noise levels, and the steps that take a latent from one level to the next.
 *
 * <p>A latent at noise level sigma is {@code x = (1 - sigma) x0 + sigma noise}, with sigma falling
 * from 1 (noise) to 0 (image) while sampling; the network's velocity is {@code v = noise - x0}. All
 * arithmetic is plain Java on float32 arrays with float64 inside: the same bits on every machine,
 * and the same code for sampling and for training.
 */
package io.atelier.rollout.flow;
