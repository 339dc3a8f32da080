/**
 * Weights and other states as named float32 tensors in JVM memory: these are published to workers,
 * stored in checkpoints, and compared. {@link io.atelier.models.state.NamedTensors} holds them and
 * identifies their content by a hash; {@link io.atelier.models.state.TensorFiles} stores them on
 * disk with that hash; {@link io.atelier.models.state.Held} is a worker's report of what it holds
 * after a load.
 */
package io.atelier.models.state;
