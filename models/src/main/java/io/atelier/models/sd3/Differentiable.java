package io.atelier.models.sd3;

import ai.djl.ndarray.NDArray;
import io.atelier.models.tensor.Autograd;

/** A velocity that can be differentiated once. Lives as long as the scope it was made in. */
public interface Differentiable {

  /** The velocity, (B, channels, H, W). */
  NDArray velocity();

  /**
   * Adds to the gradients of the weights that collect them.
   *
   * @param upstream gradient of the loss with respect to the velocity, of its shape
   */
  void backward(NDArray upstream);

  /** One whose graph was kept. */
  static Differentiable of(NDArray velocity) {
    return new Differentiable() {
      @Override
      public NDArray velocity() {
        return velocity;
      }

      @Override
      public void backward(NDArray upstream) {
        Autograd.backward(velocity, upstream);
      }
    };
  }
}
