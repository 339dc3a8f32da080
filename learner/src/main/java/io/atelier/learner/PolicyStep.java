package io.atelier.learner;

import io.atelier.rollout.Trajectory;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A learner step in progress: a sequence of optimizer updates, each from the gradients of its
 * micro-batches. Sums of float32 depend on their order, so gradients are added in the order of the
 * micro-batches, wherever they were computed.
 */
public interface PolicyStep {

  /**
   * Returns the micro-batches of the next optimizer update, in the order in which their gradients
   * are summed; empty if the step is done. An update may have none.
   */
  Optional<List<MicroBatch>> next();

  /**
   * Computes the next micro-batch at the current weights, and adds its gradient to the sum in
   * place.
   *
   * @param trajectory of the whole group
   */
  void compute(MicroBatch batch, Trajectory trajectory);

  /**
   * Adds the gradient of the next micro-batch, computed elsewhere or before its turn.
   *
   * @throws IllegalArgumentException if its names or shapes are not those of the trained weights
   */
  void add(Gradient gradient);

  /**
   * Applies the optimizer update, after the gradients of all micro-batches from {@link #next} are
   * added.
   */
  void apply();

  /**
   * Returns the clipped advantages of each group, in slot order: G numbers for each trained step if
   * credit is given by step, otherwise G numbers for all steps. Place credit is not included, see
   * {@link #moved}. Empty if the objective has no advantages.
   */
  default List<List<double[]>> advantages() {
    return List.of();
  }

  /**
   * Returns the amounts that place scores add to the advantages of each group, in slot order; empty
   * without place scores, also if place credit comes from the trained steps.
   */
  default List<MovedCredit> moved() {
    return List.of();
  }

  /**
   * Returns advantage plus place credit of each sample, averaged over trained steps and places, for
   * display.
   */
  default List<double[]> meanAdvantages() {
    return List.of();
  }

  /** Returns measurements by name, such as {@code policy/clip-fraction}, after the step is done. */
  Map<String, Double> measurements();
}
