package io.atelier.models.encoder;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.tensor.Host;
import io.atelier.models.vision.Images;

/**
 * The image side of a CLIP up to its last layers, frozen; {@link ClipTail} takes its output. It
 * shares the weights of the whole image side with all users in this process: those of the last
 * layers are held too, unused, so that another reward on the same CLIP, or one split elsewhere,
 * needs no more memory. Not thread-safe: one compute thread owns it.
 */
public final class ClipTrunk implements AutoCloseable {

  private final VitPass pass;

  /**
   * @param without number of last layers that are left out, see {@link ClipTail#requireLayers}
   * @param batch images encoded at once on a GPU; on the CPU one at a time, so that an image's
   *     tokens do not depend on the rest of the batch
   */
  public ClipTrunk(ClipFolder folder, int without, int batch) {
    ClipTail.requireLayers(folder, without);
    VitFile file = folder.vision();
    int pixels = file.config().pixels();
    int depth = file.config().depth() - without;
    this.pass = new VitPass(file.config(), pixels, batch, scope -> file.load(scope, pixels, depth));
  }

  /**
   * Bytes of attention maps that are copied to be fused, if their file has them separate, once for
   * all users; on a CPU all other weights of a CLIP stay in mapped files.
   */
  public static long copiedBytes(ClipFolder folder) {
    VitConfig config = folder.vision().config();
    boolean apart = config.layout().names().qkv.size() > 1;
    long maps = 3L * config.width() * config.width() * config.depth();
    return apart ? Float.BYTES * maps : 0;
  }

  /**
   * The input of the first layer that is left out.
   *
   * @return (n, tokens, D), class token first
   */
  public Tensor tokens(Images images) {
    VitConfig config = pass.network().config();
    long[] shape = {images.count(), config.tokens(), config.width()};
    float[] values = new float[NamedTensors.elements(shape)];
    int stride = values.length / images.count();
    pass.tokens(
        images,
        (from, tokens) -> {
          float[] some = Host.floats(tokens);
          System.arraycopy(some, 0, values, from * stride, some.length);
        });
    return new Tensor(shape, values);
  }

  @Override
  public void close() {
    pass.close();
  }
}
