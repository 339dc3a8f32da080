/**
 * Measures of generated images that are never a reward. They use another network than the reward
 * (MobileNetV2), so that a policy that only exploits the critic is detected here. Start at {@link
 * io.atelier.reward.metrics.HeldOut}.
 */
package io.atelier.reward.metrics;
