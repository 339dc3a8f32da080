/**
 * Pretraining of the embedded base model, by {@code ./atelier pretrain}; RL runs do not use it.
 * {@link io.atelier.learner.pretrain.Pretraining} runs the stages, each from the files of the
 * previous one: the autoencoder, the velocity network with two small text encoders by flow
 * matching, and the decoder again, on noisy latents. All train every weight of their networks by
 * the policy's {@link io.atelier.models.optim.Optimizer}.
 */
package io.atelier.learner.pretrain;
