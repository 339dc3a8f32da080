package io.atelier.learner;

import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.Trajectory;

/**
 * Computes micro-batches for a policy that learns elsewhere, with the bits that it would get
 * itself. Not thread-safe: one compute thread owns it.
 */
public interface Gradients extends AutoCloseable {

  /**
   * Takes the weights of a policy.
   *
   * @return content hash of what is held now, read back from where it is computed with
   */
  String load(NamedTensors policy);

  /**
   * The gradient of a micro-batch at the weights held.
   *
   * @param trajectory of the whole group
   */
  Gradient of(MicroBatch batch, Trajectory trajectory);

  @Override
  void close();
}
