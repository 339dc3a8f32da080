/**
 * What a policy update minimises, as a function of the velocities that the network gives, and its
 * exact gradient with respect to them. The network's own gradient follows by one backward pass with
 * that gradient as upstream. What GRPO is sensitive to (ratios that differ from 1 by 1e-5) is plain
 * Java in float64, a few numbers for each sample: it does not depend on the machine. Sums over
 * latents and gradients of their size are float64 operators where the network computes; on the CPU
 * they have the same bits on every processor.
 */
package io.atelier.learner.loss;
