package io.atelier.models.optim;

import java.util.Map;

/** Clips all gradients together by their Euclidean norm (Pascanu et al. 2013). */
public final class GradientClip {

  private GradientClip() {}

  /**
   * Norm over all elements of all gradients.
   *
   * @throws ArithmeticException naming the tensor and the first element that is not finite
   */
  public static double norm(Map<String, float[]> gradients) {
    double squares = 0;
    for (Map.Entry<String, float[]> entry : gradients.entrySet()) {
      double own = 0;
      for (float g : entry.getValue()) {
        own += (double) g * g;
      }
      if (!Double.isFinite(own)) {
        throw notFinite(entry.getKey(), entry.getValue());
      }
      squares += own;
    }
    return Math.sqrt(squares);
  }

  /**
   * Scales the gradients in place by {@code limit / (norm + 1e-6)} where that is below 1.
   *
   * @return the norm before clipping
   */
  public static double clip(Map<String, float[]> gradients, double limit) {
    double norm = norm(gradients);
    double factor = limit / (norm + 1e-6);
    if (factor < 1) {
      for (float[] gradient : gradients.values()) {
        for (int i = 0; i < gradient.length; i++) {
          gradient[i] = (float) (gradient[i] * factor);
        }
      }
    }
    return norm;
  }

  static ArithmeticException notFinite(String name, float[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        return new ArithmeticException(
            "the gradient of \"%s\" is %s at element %d; lower the learning rate or look for the update that broke the weights"
                .formatted(name, values[i], i));
      }
    }
    return new ArithmeticException("the gradient of \"%s\" overflows".formatted(name));
  }
}
