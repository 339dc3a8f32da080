/**
 * Rewards on vectors of a frozen encoder: how near an image is to references ({@link
 * io.atelier.reward.feature.SimilarityReward}), and how far from the others of its group ({@link
 * io.atelier.reward.feature.DiversityReward}).
 */
package io.atelier.reward.feature;
