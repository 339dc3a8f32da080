/**
 * Rewards from servers. {@code Endpoint} makes a call, {@code Patience} retries while the server is
 * down, {@code AnswerCache} keeps answers.
 *
 * <p>{@link io.atelier.actors.rewards.HttpReward} posts a group; {@code ScoreRequest} and {@code
 * ScoreReply} are the protocol, see docs/http-rewards.md. {@link
 * io.atelier.actors.rewards.JudgeReward} asks a model which of two images is better; {@code
 * VoteRequest} and {@code VoteReply} are the protocol, see docs/judges.md.
 */
package io.atelier.actors.rewards;
