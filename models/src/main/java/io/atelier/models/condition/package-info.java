/**
 * Conditions on rewards: {@link io.atelier.models.condition.RewardBins} maps a score to a number
 * from 0 to 1, and {@link io.atelier.models.condition.RewardCondition} is the small network that
 * conditions the velocity network on such numbers.
 */
package io.atelier.models.condition;
