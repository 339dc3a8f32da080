/**
 * Rewards over image groups. {@link io.atelier.reward.sum.Rewards} lists the available rewards, to
 * be weighted and added; a {@link io.atelier.reward.GroupScorer} made from the sum scores whole
 * groups. {@code graph} computes other functions than the sum from the scores of a step. {@code
 * adversarial} has the rewards that are trained, {@code metrics} measures that are never a reward.
 */
package io.atelier.reward;
