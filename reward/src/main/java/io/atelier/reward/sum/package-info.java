/**
 * API to combine rewards: {@link io.atelier.reward.sum.Rewards} lists them, {@link
 * io.atelier.reward.sum.RewardSum} weights and adds them.
 */
package io.atelier.reward.sum;
