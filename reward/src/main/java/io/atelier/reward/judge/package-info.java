/**
 * Rewards by pairwise comparison: a {@link io.atelier.reward.judge.PairJudge} decides which of two
 * images of a prompt is better, and {@link io.atelier.reward.judge.TournamentReward} turns that
 * into scores.
 */
package io.atelier.reward.judge;
