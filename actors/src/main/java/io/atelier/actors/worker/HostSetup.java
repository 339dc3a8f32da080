package io.atelier.actors.worker;

import io.atelier.actors.identity.Identity;
import io.atelier.actors.port.Clock;
import io.atelier.actors.port.Evaluation;
import io.atelier.actors.port.Transport;
import io.atelier.learner.Gradients;
import io.atelier.reward.GroupScorer;
import io.atelier.rollout.Generator;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a host works with.
 *
 * @param rollout rollout workers of this node
 * @param reward reward workers of this node
 * @param restarts how often one worker is replaced after a failure before it is given up
 * @param gradients gradient workers of this node
 * @param evaluation maker of the compute object of an evaluator, if this node is to have one
 * @param label added to the names of the workers, which no other node may have; empty for none
 * @param identity what the node would compute; all nodes of a run are the same
 * @param computing what it computes with, for people: device, type, library
 * @param beat pause between signs of life
 * @param generator maker of a rollout worker's compute object
 * @param scorer maker of a reward worker's compute object
 * @param pictures most rows and columns of the pictures that a reward worker makes of its images; 0
 *     for none
 * @param listener told of what happens
 */
public record HostSetup(
    int rollout,
    int reward,
    int restarts,
    GradientWorkers gradients,
    Optional<Supplier<Evaluation>> evaluation,
    String label,
    Identity identity,
    String computing,
    Duration beat,
    Transport transport,
    Supplier<Generator> generator,
    Supplier<GroupScorer> scorer,
    int pictures,
    Clock clock,
    Listener listener) {

  /**
   * Gradient workers of a node.
   *
   * @param count how many; 0 for none
   * @param maker of the compute object of one
   * @param beside whether they also help a learner of this very node; on a node of a cluster the
   *     learner has its processors to itself
   */
  public record GradientWorkers(int count, Supplier<Gradients> maker, boolean beside) {}

  /** Who is told what happens on a host. */
  public interface Listener {

    /** A worker failed with this error. */
    void onWorkerFailed(RuntimeException error);

    /** A conductor does not take this node. */
    default void onRefused(String reason) {}

    /** The run is over; the first cause, if it failed. */
    default void onOver(Optional<String> failure) {}

    /** The conductor wants this node to leave. */
    default void onDrain() {}

    /**
     * A worker does not come back from what it computes. Its thread cannot be ended, so the process
     * has to be.
     */
    void onHung(String reason);

    /** The conductor has no more work for this node, since it fails at all of it. */
    default void onSetAside(String reason) {}
  }
}
