package io.atelier.tests.toy;

import io.atelier.learner.Gradient;
import io.atelier.learner.loss.LossTerms;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The gradients of micro-batches, added up in Java in the order of the calls. */
public final class GradientSum {
  private final SortedMap<String, float[]> gradients = new TreeMap<>();
  private final List<LossTerms> terms = new ArrayList<>();

  public void add(Gradient next) {
    next.gradients()
        .asMap()
        .forEach(
            (name, tensor) -> gradients.merge(name, tensor.values().clone(), GradientSum::added));
    terms.addAll(next.terms());
  }

  private static float[] added(float[] sum, float[] values) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += values[i];
    }
    return sum;
  }

  /** The sum by weight; empty if there was nothing to add. Not a copy. */
  public SortedMap<String, float[]> gradients() {
    return gradients;
  }

  public List<LossTerms> terms() {
    return terms;
  }
}
