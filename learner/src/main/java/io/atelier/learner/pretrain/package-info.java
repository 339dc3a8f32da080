/**
 * How the embedded base model was made, by {@code ./atelier pretrain}; no run of reinforcement
 * learning uses it. {@link io.atelier.learner.pretrain.Pretraining} goes through the stages, each
 * of which begins where the one before was written to disk: the autoencoder, the velocity network
 * with two small text encoders by flow matching, and the decoder once more, on noisy latents. All
 * train every weight of their networks by the policy's {@link io.atelier.models.optim.Optimizer}.
 */
package io.atelier.learner.pretrain;
