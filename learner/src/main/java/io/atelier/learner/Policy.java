package io.atelier.learner;

import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.Trajectory;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The generator's learner: one policy update for each step. Not thread-safe: one compute thread
 * owns it. Deterministic: the same state, step and groups give the same bits.
 */
public interface Policy extends AutoCloseable {

  /**
   * Takes steps of another size from now on.
   *
   * @param learningRate after warm-up, positive
   */
  void learningRate(double learningRate);

  /**
   * Begins to update the policy with the groups of one step.
   *
   * @param step the step, from 0; once it is done the policy is version {@code step + 1}
   * @param groups in slot order
   */
  PolicyStep begin(int step, List<ScoredGroup> groups);

  /**
   * The gradient of a micro-batch at the weights as they are now, which is added in its turn.
   *
   * @param trajectory of the whole group
   */
  Gradient gradient(MicroBatch batch, Trajectory trajectory);

  /**
   * Takes a whole step on the calling thread.
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

  /** What is published: the trained weights that sampling uses. */
  NamedTensors weights();

  /** All that {@link #restore} needs to go on with the same bits: weights, optimizer, average. */
  NamedTensors state();

  void restore(NamedTensors state);

  @Override
  void close();
}
