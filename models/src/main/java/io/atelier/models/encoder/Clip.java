package io.atelier.models.encoder;

import ai.djl.ndarray.NDManager;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.models.vision.Images;
import io.atelier.models.vision.Preprocess;
import java.lang.ref.WeakReference;

/**
 * A CLIP (Radford et al. 2021): images and texts as vectors of one space. Not thread-safe: one
 * compute thread owns it.
 */
public final class Clip implements AutoCloseable {

  private final NDManager scope;
  private final VisionTransformer vision;
  private final ClipTextSide text;
  private final Preprocess preprocess;
  private final double scale;
  private final int batch;
  private WeakReference<Images> last = new WeakReference<>(null);
  private float[] vectors;

  /**
   * @param batch images encoded at once on a GPU; on the CPU one by one, so that the vector of an
   *     image does not depend on those beside it
   */
  public Clip(ClipFolder folder, int batch) {
    this.scope = Torch.newScope();
    VitFile file = folder.vision();
    int pixels = file.config().pixels();
    try {
      this.vision = Torch.withGradients(false, () -> file.load(scope, pixels));
      this.text = new ClipTextSide(folder);
    } catch (RuntimeException e) {
      scope.close();
      throw e;
    }
    this.preprocess = file.config().family().preprocess(pixels);
    this.scale = folder.scale();
    this.batch = scope.getDevice().isGpu() ? batch : 1;
  }

  /** Channels of a vector. */
  public int width() {
    return vision.config().projection();
  }

  /** exp of the learned scale by which the cosine of image and text becomes a logit. */
  public double scale() {
    return scale;
  }

  /**
   * Vectors of images, not brought to length 1. Those of the last images asked for are kept:
   * rewards that share this ask for the same ones after each other.
   *
   * @return (n, width); not to be changed
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
    for (int from = 0; from < images.count(); from += batch) {
      Images part = images.slice(from, Math.min(images.count(), from + batch));
      float[] some = encodedAtOnce(part);
      System.arraycopy(some, 0, all, from * width(), some.length);
    }
    return all;
  }

  private float[] encodedAtOnce(Images images) {
    return Torch.withGradients(
        false,
        () -> {
          try (NDManager inner = scope.newSubManager()) {
            return Host.floats(vision.projected(vision.tokens(inner, preprocess.apply(images))));
          }
        });
  }

  /**
   * The vector of a text, not brought to length 1; of a text that is too long, of its beginning.
   */
  public float[] text(String prompt) {
    return text.vector(prompt);
  }

  @Override
  public void close() {
    text.close();
    scope.close();
  }
}
