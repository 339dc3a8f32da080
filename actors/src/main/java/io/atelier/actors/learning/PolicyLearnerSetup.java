package io.atelier.actors.learning;

import akka.actor.typed.ActorRef;
import io.atelier.actors.port.Clock;
import io.atelier.actors.port.Handover;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.PoolCommand;
import io.atelier.actors.transport.BlobStore;
import io.atelier.actors.transport.WeightStream;
import io.atelier.learner.Policy;
import io.atelier.models.state.NamedTensors;
import io.atelier.reward.graph.RewardGraph;
import io.atelier.reward.sum.WeightedSum;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What the policy learner works with.
 *
 * @param conductor whom it answers
 * @param pool who hands out micro-batches
 * @param stream where versions are published
 * @param blobs where trajectories come from
 * @param policy maker of the compute object, called on the learner's thread
 * @param graph what makes rewards of the scores of a step; empty for the sums of the workers
 * @param sum what those are made by
 * @param step steps trained before
 * @param state to go on from, after those steps; empty to begin
 */
public record PolicyLearnerSetup(
    ActorRef<ConductorCommand> conductor,
    ActorRef<PoolCommand> pool,
    WeightStream<NamedTensors> stream,
    BlobStore blobs,
    Supplier<Policy> policy,
    Optional<RewardGraph> graph,
    WeightedSum sum,
    int step,
    Handover<NamedTensors> state,
    Clock clock) {}
