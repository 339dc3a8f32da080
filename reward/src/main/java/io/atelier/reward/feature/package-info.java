/**
 * Rewards on vectors of a frozen encoder: similarity of an image to references ({@link
 * io.atelier.reward.feature.SimilarityReward}), and distance from the others of its group ({@link
 * io.atelier.reward.feature.DiversityReward}).
 */
package io.atelier.reward.feature;
