/**
 * The policy update: {@link io.atelier.learner.grpo.PolicyUpdate} trains a low-rank adapter of the
 * velocity network by GRPO. {@link io.atelier.learner.grpo.PolicyGradient} turns trajectories and
 * advantages into gradients, {@link io.atelier.learner.grpo.AdapterTrainer} turns gradients into
 * weights.
 */
package io.atelier.learner.grpo;
