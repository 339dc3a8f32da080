package io.atelier.learner;

import io.atelier.models.state.NamedTensors;
import java.util.List;
import java.util.Map;

/**
 * The generator's learner: one GRPO update for each step. Not thread-safe: one compute thread owns
 * it. Deterministic: the same state, step and groups give the same bits.
 */
public interface Policy extends AutoCloseable {

  /**
   * Updates the policy with the groups of one step.
   *
   * @param step the step, from 0; afterwards the policy is version {@code step + 1}
   * @param groups in slot order
   * @return measurements by name, such as {@code policy/clip-fraction}
   */
  Map<String, Double> update(int step, List<ScoredGroup> groups);

  /** What is published: the trained weights that sampling uses. */
  NamedTensors weights();

  /** All that {@link #restore} needs to go on with the same bits: weights, optimizer, average. */
  NamedTensors state();

  void restore(NamedTensors state);

  @Override
  void close();
}
