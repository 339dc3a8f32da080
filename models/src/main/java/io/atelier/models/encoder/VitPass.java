package io.atelier.models.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.tensor.Torch;
import io.atelier.models.vision.Images;
import io.atelier.models.vision.Preprocess;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Passes images through a frozen Vision Transformer: on a GPU several at once, on the CPU one at a
 * time. Not thread-safe: one compute thread owns it.
 */
final class VitPass implements AutoCloseable {

  private final NDManager scope;
  private final VisionTransformer network;
  private final Preprocess preprocess;
  private final int batch;

  /**
   * @param pixels rows and columns that images are resized to
   * @param batch images at once on a GPU
   * @param load creates the network in the given scope
   */
  VitPass(VitConfig config, int pixels, int batch, Function<NDManager, VisionTransformer> load) {
    this.preprocess = config.family().preprocess(pixels);
    this.scope = Torch.newScope();
    try {
      this.network = Torch.withGradients(false, () -> load.apply(scope));
    } catch (RuntimeException e) {
      scope.close();
      throw e;
    }
    this.batch = atOnce(scope, batch);
  }

  /**
   * Images at once on the device of {@code scope}: on the CPU one, so that an image's result does
   * not depend on the rest of the batch.
   */
  static int atOnce(NDManager scope, int batch) {
    return scope.getDevice().isGpu() ? batch : 1;
  }

  VisionTransformer network() {
    return network;
  }

  /**
   * Passes the images part by part.
   *
   * @param body takes the index of a part's first image, and its {@link VisionTransformer#tokens}
   *     in a scope that ends with the call
   */
  void tokens(Images images, BiConsumer<Integer, NDArray> body) {
    tokens(images, (from, block, tokens) -> {}, body);
  }

  /** Receives the output of a block. */
  interface Block {

    /**
     * @param from index of the first image
     * @param block index of the block
     * @param tokens like {@link VisionTransformer#tokens}, before any norm; valid only during the
     *     call
     */
    void seen(int from, int block, NDArray tokens);
  }

  /** As {@link #tokens(Images, BiConsumer)}, and passes every block's output to {@code seen}. */
  void tokens(Images images, Block seen, BiConsumer<Integer, NDArray> body) {
    Torch.withGradients(
        false,
        () -> {
          for (int at = 0; at < images.count(); at += batch) {
            int from = at;
            Images part = images.slice(from, Math.min(images.count(), from + batch));
            try (NDManager inner = scope.newSubManager()) {
              body.accept(
                  from,
                  network.tokens(
                      inner,
                      preprocess.apply(part),
                      (block, tokens) -> seen.seen(from, block, tokens)));
            }
          }
          return null;
        });
  }

  @Override
  public void close() {
    scope.close();
  }
}
