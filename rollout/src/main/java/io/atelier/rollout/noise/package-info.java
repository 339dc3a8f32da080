/**
 * Random numbers that depend only on their name. Every random number of a run is a pure function of
 * the run's seed, its purpose ({@link io.atelier.rollout.noise.Purpose}), the group, the sample and
 * the denoising step; so a group that is drawn again, by another worker or after a crash, comes out
 * with the same bits. Start at {@link io.atelier.rollout.noise.GroupNoise}.
 */
package io.atelier.rollout.noise;
