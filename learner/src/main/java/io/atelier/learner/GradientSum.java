package io.atelier.learner;

import io.atelier.learner.loss.LossTerms;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The gradients of the micro-batches of one optimizer update, added up. Sums of float32 depend on
 * their order, so the order of the micro-batches is the order of the calls, whoever computed them.
 * Not thread-safe.
 */
public final class GradientSum {
  private final SortedMap<String, float[]> gradients = new TreeMap<>();
  private final SortedMap<String, long[]> shapes = new TreeMap<>();
  private final List<LossTerms> terms = new ArrayList<>();

  /**
   * Adds the next micro-batch.
   *
   * @throws IllegalArgumentException if it is of other weights than those before
   */
  public void add(Gradient next) {
    boolean first = gradients.isEmpty();
    if (!first && !gradients.keySet().equals(next.gradients().asMap().keySet())) {
      throw new IllegalArgumentException(
          "gradients of %s cannot be added to those of %s"
              .formatted(next.gradients().names(), gradients.keySet()));
    }
    next.gradients()
        .asMap()
        .forEach(
            (name, tensor) -> {
              if (first) {
                gradients.put(name, tensor.values().clone());
                shapes.put(name, tensor.shape());
              } else {
                add(name, tensor.values());
              }
            });
    terms.addAll(next.terms());
  }

  private void add(String name, float[] values) {
    float[] sum = gradients.get(name);
    if (sum.length != values.length) {
      throw new IllegalArgumentException(
          "the gradient of %s has %d values, those before had %d"
              .formatted(name, values.length, sum.length));
    }
    for (int i = 0; i < sum.length; i++) {
      sum[i] += values[i];
    }
  }

  /** The sum by weight; empty if there was nothing to add, which stands for zero. Not a copy. */
  public SortedMap<String, float[]> gradients() {
    return gradients;
  }

  /** As {@link #gradients}, with shapes. Not a copy. */
  public NamedTensors tensors() {
    SortedMap<String, Tensor> tensors = new TreeMap<>();
    gradients.forEach((name, values) -> tensors.put(name, new Tensor(shapes.get(name), values)));
    return new NamedTensors(tensors);
  }

  /** The terms of the loss, in order. */
  public List<LossTerms> terms() {
    return Collections.unmodifiableList(terms);
  }
}
