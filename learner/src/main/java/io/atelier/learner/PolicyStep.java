package io.atelier.learner;

import io.atelier.rollout.Trajectory;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A learner step of a policy while it is trained: one optimizer update after another, each from the
 * gradients of its micro-batches. Sums of float32 depend on their order, so gradients are added in
 * the order of the micro-batches, whoever computed them.
 */
public interface PolicyStep {

  /**
   * The micro-batches of the next optimizer update, in the order in which their gradients are
   * summed; empty if the step is done. An update may have none.
   */
  Optional<List<MicroBatch>> next();

  /**
   * Computes the next micro-batch at the weights as they are now, and adds its gradient to the sum
   * where it is.
   *
   * @param trajectory of the whole group
   */
  void compute(MicroBatch batch, Trajectory trajectory);

  /**
   * Adds the gradient of the next micro-batch, which was computed elsewhere or before its turn.
   *
   * @throws IllegalArgumentException if it is not of the weights that are trained
   */
  void add(Gradient gradient);

  /** Takes the optimizer update, once the gradients of all that {@link #next} gave are added. */
  void apply();

  /**
   * What the samples of each group weigh, in slot order, limited: G numbers for each trained step
   * where credit is given by step, once for all of them elsewhere. What places add is not in it,
   * see {@link #moved}. Empty where the objective has no advantages.
   */
  default List<List<double[]>> advantages() {
    return List.of();
  }

  /**
   * What the scores of places add to the advantages of each group, in slot order; empty where no
   * scores tell places apart, also where trained steps do.
   */
  default List<MovedCredit> moved() {
    return List.of();
  }

  /** Both as means over the trained steps and the places of each sample, for who looks on. */
  default List<double[]> meanAdvantages() {
    return List.of();
  }

  /** Measurements by name, such as {@code policy/clip-fraction}, once the step is done. */
  Map<String, Double> measurements();
}
