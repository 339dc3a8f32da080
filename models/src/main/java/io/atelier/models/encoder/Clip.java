package io.atelier.models.encoder;

import io.atelier.models.tensor.Host;
import io.atelier.models.vision.Images;
import java.lang.ref.WeakReference;

/**
 * A CLIP model (Radford et al. 2021): images and texts as vectors of one space. Not thread-safe:
 * one compute thread owns it.
 */
public final class Clip implements AutoCloseable {

  private final VitPass vision;
  private final ClipTextSide text;
  private final double scale;
  private WeakReference<Images> last = new WeakReference<>(null);
  private float[] vectors;

  /**
   * @param batch images encoded at once on a GPU; on the CPU one at a time, so that an image's
   *     vector does not depend on the rest of the batch
   */
  public Clip(ClipFolder folder, int batch) {
    VitFile file = folder.vision();
    int pixels = file.config().pixels();
    this.vision = new VitPass(file.config(), pixels, batch, scope -> file.load(scope, pixels));
    try {
      this.text = new ClipTextSide(folder);
    } catch (RuntimeException e) {
      vision.close();
      throw e;
    }
    this.scale = folder.scale();
  }

  /** Channels of a vector. */
  public int width() {
    return vision.network().config().projection();
  }

  /** exp of the learned scale that turns the cosine of image and text into a logit. */
  public double scale() {
    return scale;
  }

  /**
   * Vectors of images, not normalised. Those of the last images are cached, since rewards that
   * share this ask for the same ones in turn.
   *
   * @return (n, width); must not be changed
   */
  public float[] images(Images images) {
    if (last.get() != images) {
      vectors = encoded(images);
      last = new WeakReference<>(images);
    }
    return vectors;
  }

  private float[] encoded(Images images) {
    float[] all = new float[Math.multiplyExact(images.count(), width())];
    vision.tokens(
        images,
        (from, tokens) -> {
          float[] some = Host.floats(vision.network().projected(tokens));
          System.arraycopy(some, 0, all, from * width(), some.length);
        });
    return all;
  }

  /** The vector of a text, not normalised; a text that is too long is truncated. */
  public float[] text(String prompt) {
    return text.vector(prompt);
  }

  @Override
  public void close() {
    text.close();
    vision.close();
  }
}
