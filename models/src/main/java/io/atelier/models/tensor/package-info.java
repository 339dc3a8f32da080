/**
 * The interface to libtorch: starting the engine, grad mode of compute threads, operators that the
 * tensor API lacks, backward passes, and copies between native arrays and JVM memory. {@link
 * io.atelier.models.tensor.Parameters} are the weights of a network, {@link
 * io.atelier.models.tensor.TrainedParameters} the trained ones, {@link
 * io.atelier.models.tensor.SharedWeights} frozen ones that several networks of a process share.
 *
 * <p>Every native array belongs to an {@code NDManager}. Operators attach their result to the
 * manager of their first argument, so the first argument must be an activation of the current
 * scope, never a long-lived weight.
 */
package io.atelier.models.tensor;
