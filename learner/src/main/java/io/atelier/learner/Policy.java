package io.atelier.learner;

import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.Trajectory;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The generator's learner: one policy update for each step. Not thread-safe: one compute thread
 * owns it. Deterministic: the same state, step and groups give bit-identical results.
 */
public interface Policy extends AutoCloseable {

  /**
   * Sets the learning rate of all later updates.
   *
   * @param learningRate after warm-up, positive
   */
  void learningRate(double learningRate);

  /**
   * Begins a learner step on its groups.
   *
   * @param step the step, from 0; after it the policy is version {@code step + 1}
   * @param groups in slot order
   */
  PolicyStep begin(int step, List<ScoredGroup> groups);

  /**
   * Returns the gradient of a micro-batch at the current weights, to be added in its turn.
   *
   * @param trajectory of the whole group
   */
  Gradient gradient(MicroBatch batch, Trajectory trajectory);

  /**
   * Runs a whole step on the calling thread.
   *
   * @return its measurements
   */
  default Map<String, Double> update(int step, List<ScoredGroup> groups) {
    PolicyStep update = begin(step, groups);
    for (Optional<List<MicroBatch>> batches = update.next();
        batches.isPresent();
        batches = update.next()) {
      for (MicroBatch batch : batches.get()) {
        update.compute(batch, groups.get(batch.group()).trajectory());
      }
      update.apply();
    }
    return update.measurements();
  }

  /** Returns the trained weights that sampling uses, which are published. */
  NamedTensors weights();

  /**
   * Returns all that {@link #restore} needs for a bit-exact resume: weights, optimizer, average.
   */
  NamedTensors state();

  void restore(NamedTensors state);

  @Override
  void close();
}
