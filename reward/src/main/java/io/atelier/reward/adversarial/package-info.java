/**
 * Rewards that are trained: an {@link io.atelier.reward.adversarial.AdversarialReward} scores a
 * group and returns its features, a {@link io.atelier.reward.adversarial.Critic} is trained on them
 * and on references, and publishes the weights that the reward loads next. Both are created by an
 * {@link io.atelier.reward.adversarial.AdversarialSpec}, which holds the settings that they share.
 * A run has any number of them, each a {@link io.atelier.reward.adversarial.TaughtReward} with a
 * name; their critics are trained side by side as {@link io.atelier.reward.adversarial.Critics}.
 * There are two kinds:
 *
 * <ul>
 *   <li>a discriminator on frozen features that separates references from generated images, after
 *       Adv-GRPO (arXiv 2511.20256): {@link io.atelier.reward.adversarial.DiscriminatorReward} and
 *       {@link io.atelier.reward.adversarial.DiscriminatorCritic}. Its features are (image, width)
 *       for the global view and (image, place, channel) for maps; the head is float32, on the
 *       device of the process, and scores images one by one; {@link
 *       io.atelier.reward.adversarial.PoolingConfig} combines the logits of places and maps
 *   <li>PickScore with its last layers trained: {@link
 *       io.atelier.reward.adversarial.PickScoreReward} and {@link
 *       io.atelier.reward.adversarial.PickScoreCritic}. Its features are (image, token, channel),
 *       the input of the first of these layers
 * </ul>
 *
 * <p>A discriminator may start from a {@link io.atelier.reward.adversarial.Prior}, whose score is
 * added to its logits: {@link io.atelier.reward.adversarial.ResidualConfig}. Its scores of
 * generated images are sent to the critic with their features; references are scored where the
 * critic is trained.
 *
 * <p>Both use a {@link io.atelier.reward.adversarial.CriticLoss}, draw their {@link
 * io.atelier.reward.adversarial.References} in the same way and cache the features of the latest
 * ones.
 */
package io.atelier.reward.adversarial;
