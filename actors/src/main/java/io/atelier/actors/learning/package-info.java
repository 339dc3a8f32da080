/**
 * The actors that learn: {@link io.atelier.actors.learning.PolicyLearner} from trajectories and the
 * rewards that {@link io.atelier.actors.learning.RewardStage} makes of scores, {@link
 * io.atelier.actors.learning.CriticLearner} from features. Each publishes a version after its step.
 */
package io.atelier.actors.learning;
