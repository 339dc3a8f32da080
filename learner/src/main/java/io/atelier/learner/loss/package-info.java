/**
 * Losses of the policy update as functions of the network's velocities, with their exact gradients
 * with respect to them. One backward pass with that gradient as upstream then gives the gradients
 * of the weights. The arithmetic that GRPO is sensitive to (ratios that differ from 1 by 1e-5) is
 * plain Java in float64 on a few numbers per sample, and does not depend on the machine. Sums over
 * latents and gradients of their size are float64 operators on the network's device; on the CPU
 * they are bit-identical on every processor.
 */
package io.atelier.learner.loss;
