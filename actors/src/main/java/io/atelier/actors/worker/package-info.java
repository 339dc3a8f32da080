/**
 * Those who compute on a node for whatever conductor leads the run. {@link
 * io.atelier.actors.worker.Host} starts them and speaks for the node. All carry out numbered orders
 * of one protocol ({@link io.atelier.actors.protocol.WorkerCommand}, {@link
 * io.atelier.actors.worker.OrderedWorker}), in two kinds:
 *
 * <ul>
 *   <li>{@link io.atelier.actors.worker.RolloutWorker} and {@link
 *       io.atelier.actors.worker.RewardWorker} work on leases of groups ({@link
 *       io.atelier.actors.worker.LeasedWorker}). The ledger knows each by name and incarnation: it
 *       counts who failed, and journals it. They load weights by an order of their own, since one
 *       version serves many groups, and the ledger has to know who holds which.
 *   <li>{@link io.atelier.actors.worker.GradientWorker} and {@link
 *       io.atelier.actors.worker.Evaluator} work for the pools of the leader ({@link
 *       io.atelier.actors.worker.PoolWorker}). Nothing that a run is made of depends on who
 *       computes there, so the ledger does not know them; they have no name, and join again with
 *       every heartbeat. An order names the weights that it needs: within a learner step they may
 *       be a blob, which is no version that anybody could load.
 * </ul>
 *
 * <p>Their joins and loads stay apart for these reasons; orders, answers, waiting for what is
 * fetched, and repeating a lost answer are the same.
 */
package io.atelier.actors.worker;
