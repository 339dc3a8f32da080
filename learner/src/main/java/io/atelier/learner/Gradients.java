package io.atelier.learner;

import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.Trajectory;

/**
 * Computes micro-batches for a policy that is trained elsewhere, bit for bit as it would itself.
 * Not thread-safe: one compute thread owns it.
 */
public interface Gradients extends AutoCloseable {

  /**
   * Loads the weights of a policy.
   *
   * @return content hash of the loaded weights, read back from the network
   */
  String load(NamedTensors policy);

  /**
   * Returns the gradient of a micro-batch at the loaded weights.
   *
   * @param trajectory of the whole group
   */
  Gradient of(MicroBatch batch, Trajectory trajectory);

  @Override
  void close();
}
