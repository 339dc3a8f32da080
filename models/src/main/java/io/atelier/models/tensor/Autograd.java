package io.atelier.models.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;

/**
 * Backward passes from any thread. Gradients of leaves accumulate over calls until they are
 * cleared.
 */
public final class Autograd {

  private Autograd() {}

  /** Marks a weight as a leaf that collects a gradient. */
  public static void require(NDArray leaf) {
    leaf.setRequiresGradient(true);
  }

  /** Back-propagates from a float32 scalar; the tensor API aborts the JVM on other types. */
  public static void backward(NDArray loss) {
    if (loss.getDataType() != DataType.FLOAT32) {
      throw new IllegalArgumentException("a loss must be float32, got " + loss.getDataType());
    }
    try (NDManager scope = loss.getManager().newSubManager()) {
      backward(loss, scope.ones(loss.getShape()));
    }
  }

  /** Back-propagates {@code upstream} from {@code output} of the same shape. The graph is freed. */
  public static void backward(NDArray output, NDArray upstream) {
    JniUtils.backward((PtNDArray) output, (PtNDArray) upstream, false, false);
  }

  /**
   * The gradient collected so far, owned by {@code scope}; it shares memory with the leaf's
   * gradient.
   */
  public static NDArray gradient(NDArray leaf, NDManager scope) {
    NDArray gradient = leaf.getGradient();
    gradient.attach(scope);
    return gradient;
  }

  /** Sets the collected gradient to zero. */
  public static void clear(NDArray leaf) {
    JniUtils.zeroGrad((PtNDArray) leaf);
  }
}
