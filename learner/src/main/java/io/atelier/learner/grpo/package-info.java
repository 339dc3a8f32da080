/**
 * The policy update: {@link io.atelier.learner.grpo.PolicyUpdate} trains a low-rank adapter of the
 * velocity network, or all of its weights, by GRPO or AWM. {@link
 * io.atelier.learner.grpo.PolicyGradient} turns trajectories and advantages into gradients, {@link
 * io.atelier.learner.grpo.MatchingGradient} clean latents and advantages, {@link
 * io.atelier.models.optim.Optimizer} turns gradients into weights.
 */
package io.atelier.learner.grpo;
