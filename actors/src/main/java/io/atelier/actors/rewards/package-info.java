/**
 * Rewards of servers. {@code Endpoint} makes a call, {@code Patience} tries again while the server
 * is away, {@code AnswerCache} keeps what was answered.
 *
 * <p>{@link io.atelier.actors.rewards.HttpReward} posts a group, of which {@code ScoreRequest} and
 * {@code ScoreReply} are the protocol, see docs/http-rewards.md. {@link
 * io.atelier.actors.rewards.JudgeReward} asks a model which of two images is better, of which
 * {@code VoteRequest} and {@code VoteReply} are the protocol, see docs/judges.md.
 */
package io.atelier.actors.rewards;
