/**
 * The policy update: {@link io.atelier.learner.grpo.PolicyUpdate} trains a low-rank adapter of the
 * velocity network, or all of its weights, by GRPO or AWM. {@link
 * io.atelier.learner.grpo.PolicyGradient} computes gradients from trajectories and advantages,
 * {@link io.atelier.learner.grpo.MatchingGradient} from clean latents and advantages, and {@link
 * io.atelier.models.optim.Optimizer} applies them to the weights.
 */
package io.atelier.learner.grpo;
