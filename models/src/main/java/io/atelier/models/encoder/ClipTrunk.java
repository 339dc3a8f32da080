package io.atelier.models.encoder;

import ai.djl.ndarray.NDManager;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.models.vision.Images;
import io.atelier.models.vision.Preprocess;
import java.util.Arrays;

/**
 * The image side of a CLIP before its last layers, frozen; {@link ClipTail} goes on from what it
 * gives. It shares the weights of the whole image side with all that load them in this process:
 * those of the last layers are held as well, unused, so that another reward on the same CLIP, or
 * one cut elsewhere, takes no more. Not thread-safe: one compute thread owns it.
 */
public final class ClipTrunk implements AutoCloseable {

  private final NDManager scope;
  private final VisionTransformer network;
  private final Preprocess preprocess;
  private final int batch;

  /**
   * @param without last layers that are left out, see {@link ClipTail#requireLayers}
   * @param batch images encoded at once on a GPU; on the CPU one by one, so that what is made of an
   *     image does not depend on those beside it
   */
  public ClipTrunk(ClipFolder folder, int without, int batch) {
    ClipTail.requireLayers(folder, without);
    VitConfig config = folder.vision().config();
    int pixels = config.pixels();
    this.scope = Torch.newScope();
    try {
      this.network =
          Torch.withGradients(
              false, () -> folder.vision().load(scope, pixels, config.depth() - without));
    } catch (RuntimeException e) {
      scope.close();
      throw e;
    }
    this.preprocess = config.family().preprocess(pixels);
    this.batch = scope.getDevice().isGpu() ? batch : 1;
  }

  /**
   * Bytes of attention maps that are copied to be multiplied as one, where their file has them
   * apart, once for all that share them; all other weights of a CLIP stay in mapped files, on a
   * CPU.
   */
  public static long copiedBytes(ClipFolder folder) {
    VitConfig config = folder.vision().config();
    boolean apart = config.layout().names().qkv.size() > 1;
    long maps = 3L * config.width() * config.width() * config.depth();
    return apart ? Float.BYTES * maps : 0;
  }

  /**
   * What goes into the first layer that is left out.
   *
   * @return (n, tokens, D), class token first
   */
  public Tensor tokens(Images images) {
    Tensor first = part(images.slice(0, Math.min(images.count(), batch)));
    long[] shape = first.shape().clone();
    shape[0] = images.count();
    float[] values = Arrays.copyOf(first.values(), NamedTensors.elements(shape));
    int stride = values.length / images.count();
    for (int from = batch; from < images.count(); from += batch) {
      Tensor some = part(images.slice(from, Math.min(images.count(), from + batch)));
      System.arraycopy(some.values(), 0, values, from * stride, some.values().length);
    }
    return new Tensor(shape, values);
  }

  private Tensor part(Images images) {
    return Torch.withGradients(
        false,
        () -> {
          try (NDManager inner = scope.newSubManager()) {
            return Host.tensor(network.tokens(inner, preprocess.apply(images)));
          }
        });
  }

  @Override
  public void close() {
    scope.close();
  }
}
