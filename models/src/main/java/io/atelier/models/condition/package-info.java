/**
 * Conditions on rewards: {@link io.atelier.models.condition.RewardBins} makes a number from 0 to 1
 * of a score, and {@link io.atelier.models.condition.RewardCondition} is the small network that
 * tells such numbers to the velocity network.
 */
package io.atelier.models.condition;
