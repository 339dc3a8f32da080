package io.atelier.actors.port;

import io.atelier.learner.Gradients;
import io.atelier.learner.Policy;
import io.atelier.reward.GroupScorer;
import io.atelier.reward.adversarial.Critic;
import io.atelier.reward.graph.RewardGraph;
import io.atelier.reward.sum.WeightedSum;
import io.atelier.rollout.Generator;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Factories of the compute objects. Each is called on the thread that will own the object, and
 * again when a worker is replaced.
 *
 * @param graph computes rewards from the scores of a step; empty to use the sums of the scorers
 * @param sum the weighted sum that scorers compute
 * @param flatReplacements how often a group whose images all have the same reward is replaced
 *     before it is kept
 */
public record Compute(
    Supplier<Generator> generator,
    Supplier<GroupScorer> scorer,
    Optional<RewardGraph> graph,
    WeightedSum sum,
    int flatReplacements,
    Supplier<Policy> policy,
    Supplier<Gradients> gradients,
    Optional<Supplier<Critic>> critic,
    Optional<Supplier<Evaluation>> evaluation) {}
