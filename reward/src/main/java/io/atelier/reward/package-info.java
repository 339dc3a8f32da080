/**
 * Rewards over image groups. {@link io.atelier.reward.sum.Rewards} has those there are, to be
 * weighted and added; a {@link io.atelier.reward.GroupScorer} made from the sum scores whole
 * groups. {@code graph} makes something else of the scores of a step than the sum. {@code
 * adversarial} is the reward that learns, {@code metrics} are measures that are never a reward.
 */
package io.atelier.reward;
