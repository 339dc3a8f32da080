package io.atelier.models.sd3;

import ai.djl.ndarray.NDArray;
import io.atelier.models.tensor.Autograd;

/** A velocity that can be differentiated once. It lives as long as the scope it was made in. */
public interface Differentiable {

  /** The velocity, (B, channels, H, W). */
  NDArray velocity();

  /**
   * Back-propagates into the weights that collect gradients.
   *
   * @param upstream gradient of the loss with respect to the velocity, of its shape
   */
  void backward(NDArray upstream);

  /** A velocity whose graph was kept. */
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
