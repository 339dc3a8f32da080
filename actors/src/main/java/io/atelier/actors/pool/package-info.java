/**
 * Work that the leader gives to workers of any node: micro-batches of an update, summed in a fixed
 * order ({@link io.atelier.actors.pool.GradientPool}), and evaluations ({@link
 * io.atelier.actors.pool.EvaluatorPool}). Who is there and who has what is a state machine ({@link
 * io.atelier.actors.pool.WorkQueue}) inside one actor ({@link io.atelier.actors.pool.WorkerPool}),
 * of which both are kinds.
 *
 * <pre>{@code
 * learning.PolicyLearner            GradientPool                    worker.GradientWorker
 *   Begin: micro-batches  ──────────►│ ◄── Ready, by way of the conductor ───────────┤
 *   │◄────────────── Compute(index) ─┤                                               │
 *   │                                ├─ Compute: a lease ───────────────────────────►│
 *   LearnerDone ────────────────────►│                    fetches weights and trajectory
 *   │                                │◄──────────── Computed, or NotDone: given again ┤
 *   │◄── Add, in the order of the sum┤  fetches the gradient, and releases it there
 *   │◄──────────────── Summed: all ──┤
 * }</pre>
 */
package io.atelier.actors.pool;
