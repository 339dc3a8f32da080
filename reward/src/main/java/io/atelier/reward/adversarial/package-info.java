/**
 * The reward that learns: a discriminator on frozen features that tells reference images from
 * generated ones, after Adv-GRPO (arXiv 2511.20256). {@link
 * io.atelier.reward.adversarial.AdversarialReward} encodes and scores a group and hands its
 * features on; {@link io.atelier.reward.adversarial.AdversarialCritic} learns from them and from
 * references. Both are made by {@link io.atelier.reward.adversarial.AdversarialSpec}, which holds
 * what they must have in common. Features are (image, width) for the global view and (image, place,
 * channel) for maps; the head is float32 in plain Java with a fixed order of summation.
 */
package io.atelier.reward.adversarial;
