/**
 * Weights and other states as named float32 tensors in JVM memory: what is published to workers,
 * kept in checkpoints, and compared. {@link io.atelier.models.state.NamedTensors} holds them and
 * names their content by a hash; {@link io.atelier.models.state.TensorFiles} keeps them on disk
 * with that hash; {@link io.atelier.models.state.Held} is what a worker says it holds after it
 * loaded some.
 */
package io.atelier.models.state;
