/**
 * Work that the leader gives to helpers on any node: micro-batches of an update, summed in a fixed
 * order ({@link io.atelier.actors.pool.GradientPool}), and evaluations ({@link
 * io.atelier.actors.pool.EvaluatorPool}). What a lost helper had is given again.
 */
package io.atelier.actors.pool;
