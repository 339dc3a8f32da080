package io.atelier.models.encoder;

import ai.djl.ndarray.NDManager;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.models.vision.Images;
import io.atelier.models.vision.Preprocess;

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

  /**
   * @param batch images encoded at once on a GPU; on the CPU one by one, so that the vector of an
   *     image does not depend on those beside it
   */
  public Clip(ClipFolder folder, int batch) {
    this.scope = Torch.newScope();
    VitFile file = folder.vision();
    int pixels = file.config().pixels();
    try {
      this.vision =
          Torch.withGradients(
              false, () -> new VisionTransformer(scope, file.config(), file.weights(), pixels));
      this.text = new ClipTextSide(folder);
    } catch (RuntimeException e) {
      scope.close();
      throw e;
    }
    this.preprocess = VitConfigs.preprocess(file.config().layout(), pixels);
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
   * Vectors of images, not brought to length 1.
   *
   * @return (n, width)
   */
  public float[] images(Images images) {
    float[] vectors = new float[Math.multiplyExact(images.count(), width())];
    for (int from = 0; from < images.count(); from += batch) {
      Images part = images.slice(from, Math.min(images.count(), from + batch));
      float[] some = vectors(part);
      System.arraycopy(some, 0, vectors, from * width(), some.length);
    }
    return vectors;
  }

  /**
   * The vector of a text, not brought to length 1; of a text that is too long, of its beginning.
   */
  public float[] text(String prompt) {
    return text.vector(prompt);
  }

  private float[] vectors(Images images) {
    return Torch.withGradients(
        false,
        () -> {
          try (NDManager inner = scope.newSubManager()) {
            return Host.floats(vision.projected(vision.tokens(inner, preprocess.apply(images))));
          }
        });
  }

  @Override
  public void close() {
    text.close();
    scope.close();
  }
}
