/**
 * The reward that learns. One kind is a discriminator on frozen features that tells reference
 * images from generated ones, after Adv-GRPO (arXiv 2511.20256). {@link
 * io.atelier.reward.adversarial.AdversarialReward} encodes and scores a group and hands its
 * features on; {@link io.atelier.reward.adversarial.AdversarialCritic} learns from them and from
 * references. The other is PickScore itself, whose last layers learn: {@link
 * io.atelier.reward.adversarial.PickScoreReward} and {@link
 * io.atelier.reward.adversarial.PickScoreCritic}. Both sides are made by an {@link
 * io.atelier.reward.adversarial.AdversarialSpec}, which holds what they must have in common.
 *
 * <p>Features of the discriminator are (image, width) for the global view and (image, place,
 * channel) for maps; the head is float32 in plain Java with a fixed order of summation.
 */
package io.atelier.reward.adversarial;
