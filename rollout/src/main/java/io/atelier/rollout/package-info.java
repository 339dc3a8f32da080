/** Sampling of image groups: prompts, noise, flow schedule, step kernels, trajectories. */
package io.atelier.rollout;
