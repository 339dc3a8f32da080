package io.atelier.reward.adversarial;

import io.atelier.models.state.NamedTensors;
import io.atelier.reward.GroupFeatures;
import java.util.List;
import java.util.Map;

/**
 * The learner of an adversarial reward: sees the features of every generated group once, and of
 * references. Not thread-safe: one compute thread owns it. Deterministic: the same state, step and
 * groups give the same bits.
 */
public interface Critic extends AutoCloseable {

  /**
   * Learns from the groups of one step.
   *
   * @param step the learner step that drew the groups; with the run's seed decides the references
   *     drawn
   * @param groups features in slot order
   * @return measurements by name, such as {@code critic/accuracy}
   */
  Map<String, Double> update(int step, List<GroupFeatures> groups);

  /**
   * Learns in other steps from now on.
   *
   * @param steps from one that it learns from to the next, at least 1: it learns from steps 0,
   *     {@code steps} and so on
   * @throws IllegalStateException if this one has no such pace, or several learn at their own
   */
  default void every(int steps) {
    throw new IllegalStateException(getClass().getName() + " learns at a pace that cannot change");
  }

  /** What is published: all that scoring needs. */
  NamedTensors weights();

  /** All that {@link #restore} needs to go on with the same bits: weights, optimizer, replay. */
  NamedTensors state();

  void restore(NamedTensors state);

  @Override
  void close();
}
