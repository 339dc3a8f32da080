/**
 * Rewards of judges that compare: a {@link io.atelier.reward.judge.PairJudge} says which of two
 * images of a prompt is better, and {@link io.atelier.reward.judge.TournamentReward} makes scores
 * of that.
 */
package io.atelier.reward.judge;
