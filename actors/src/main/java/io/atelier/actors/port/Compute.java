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
 * Makers of the compute objects. Each is called on the thread that will own the object, and again
 * when a worker is replaced.
 *
 * @param graph what makes rewards of the scores of a step; empty for the sums of the scorers
 * @param sum what the scorers' sums are made by
 * @param flatReplacements how often a group whose images all have one reward is replaced before it
 *     is kept
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
