/**
 * Those who compute on a node for whatever conductor leads the run. {@link
 * io.atelier.actors.worker.Host} starts them and speaks for the node; {@link
 * io.atelier.actors.worker.RolloutWorker} and {@link io.atelier.actors.worker.RewardWorker} work on
 * leases of groups ({@link io.atelier.actors.worker.LeasedWorker}), {@link
 * io.atelier.actors.worker.GradientWorker} and {@link io.atelier.actors.worker.Evaluator} for the
 * pools of the leader.
 */
package io.atelier.actors.worker;
