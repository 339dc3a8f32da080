package io.atelier.learner;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A learner step of a policy while it is trained: one optimizer update after another, each from the
 * gradients of its micro-batches.
 */
public interface PolicyStep {

  /**
   * The micro-batches of the next optimizer update, in the order in which their gradients are
   * summed; empty if the step is done. An update may have none.
   */
  Optional<List<MicroBatch>> next();

  /**
   * Takes the optimizer update.
   *
   * @param sum gradients of all that {@link #next} gave
   */
  void apply(GradientSum sum);

  /** Measurements by name, such as {@code policy/clip-fraction}, once the step is done. */
  Map<String, Double> measurements();
}
