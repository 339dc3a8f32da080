/**
 * Computes rewards from the raw scores of a learner step. A {@link io.atelier.reward.graph.Node} is
 * the expression, {@link io.atelier.reward.graph.RewardGraph} evaluates it over all groups of the
 * step. Pure arithmetic in double precision; a score that a group does not have is absent, never a
 * number.
 */
package io.atelier.reward.graph;
