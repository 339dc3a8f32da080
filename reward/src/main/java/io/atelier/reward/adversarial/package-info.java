/**
 * Rewards that learn: an {@link io.atelier.reward.adversarial.AdversarialReward} scores a group and
 * hands its features on, a {@link io.atelier.reward.adversarial.Critic} learns from them and from
 * references and publishes what the reward loads next. Both are made by an {@link
 * io.atelier.reward.adversarial.AdversarialSpec}, which holds what they must have in common. A run
 * has any number of them, each a {@link io.atelier.reward.adversarial.TaughtReward} with a name;
 * their critics learn side by side as {@link io.atelier.reward.adversarial.Critics}. There are two
 * kinds, each with these three:
 *
 * <ul>
 *   <li>a discriminator on frozen features that tells references from generated images, after
 *       Adv-GRPO (arXiv 2511.20256): {@link io.atelier.reward.adversarial.DiscriminatorReward} and
 *       {@link io.atelier.reward.adversarial.DiscriminatorCritic}. Its features are (image, width)
 *       for the global view and (image, place, channel) for maps; the head is float32, on the
 *       device of the process, and scores images one by one; how logits of places and maps become
 *       one is in {@link io.atelier.reward.adversarial.PoolingConfig}
 *   <li>PickScore itself, whose last layers learn: {@link
 *       io.atelier.reward.adversarial.PickScoreReward} and {@link
 *       io.atelier.reward.adversarial.PickScoreCritic}. Its features are (image, token, channel),
 *       what goes into the first of these layers
 * </ul>
 *
 * <p>A discriminator may start from a {@link io.atelier.reward.adversarial.Prior}, whose score is
 * added to its logits: {@link io.atelier.reward.adversarial.ResidualConfig}. That of generated
 * images travels to the critic beside their features; references are scored where it learns.
 *
 * <p>Both learn by a {@link io.atelier.reward.adversarial.CriticLoss}, draw their {@link
 * io.atelier.reward.adversarial.References} in the same way and keep the features of those drawn
 * last.
 */
package io.atelier.reward.adversarial;
