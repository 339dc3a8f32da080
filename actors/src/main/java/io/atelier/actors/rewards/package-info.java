/**
 * Rewards of servers: {@link io.atelier.actors.rewards.HttpReward} posts a group and tries again
 * while its server is away, {@code Endpoint} makes one call, {@code ScoreRequest} and {@code
 * ScoreReply} are the two halves of the protocol, which docs/http-rewards.md describes.
 */
package io.atelier.actors.rewards;
