package io.atelier.reward.adversarial;

import io.atelier.models.state.NamedTensors;
import io.atelier.reward.GroupFeatures;
import java.util.List;
import java.util.Map;

/**
 * Trains an adversarial reward on the features of every generated group, once each, and of
 * references. Not thread-safe: one compute thread owns it. Deterministic: the same state, step and
 * groups give bit-identical results.
 */
public interface Critic extends AutoCloseable {

  /**
   * Trains on the groups of one step.
   *
   * @param step the learner step that sampled the groups; selects the references, together with the
   *     run's seed
   * @param groups features in slot order
   * @return measurements by name, such as {@code critic/accuracy}
   */
  Map<String, Double> update(int step, List<GroupFeatures> groups);

  /**
   * Sets in which of all later steps it trains.
   *
   * @param steps interval, at least 1: it trains in steps 0, {@code steps}, and so on
   * @throws IllegalStateException if this critic has no such interval, or consists of several with
   *     their own
   */
  default void every(int steps) {
    throw new IllegalStateException(
        getClass().getName() + " trains at an interval that cannot be changed");
  }

  /** Returns all that scoring needs, which is published. */
  NamedTensors weights();

  /** Returns all that {@link #restore} needs for a bit-exact resume: weights, optimizer, replay. */
  NamedTensors state();

  void restore(NamedTensors state);

  @Override
  void close();
}
