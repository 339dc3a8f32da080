/**
 * Rewards as a caller puts them together: {@link io.atelier.reward.sum.Rewards} names them, {@link
 * io.atelier.reward.sum.RewardSum} weights and adds them.
 */
package io.atelier.reward.sum;
