package io.atelier.reward.feature;

import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.Images;
import java.lang.ref.WeakReference;

/** Computes vectors of images by a frozen encoder. Not thread-safe: one compute thread owns it. */
public final class FeatureVectors implements AutoCloseable {

  private final Encoder encoder;
  private final String output;
  private WeakReference<Images> last = new WeakReference<>(null);
  private float[][] vectors = new float[0][];

  public FeatureVectors(FeatureSource source) {
    this.encoder = source.encoder().get();
    this.output = source.output();
  }

  /**
   * Returns unit vectors. Those of the last images are cached, since rewards that share this
   * request the same ones consecutively.
   *
   * @return (n, C); must not be modified
   * @throws ArithmeticException if a vector's norm is 0 or not finite
   */
  float[][] of(Images images) {
    if (last.get() != images) {
      vectors = encoded(images);
      last = new WeakReference<>(images);
    }
    return vectors;
  }

  /** The same without the cache. */
  float[][] encoded(Images images) {
    float[] all = encoder.encode(images).get(output).values();
    float[][] units = new float[images.count()][all.length / images.count()];
    for (int n = 0; n < units.length; n++) {
      System.arraycopy(all, n * units[n].length, units[n], 0, units[n].length);
      double norm = Math.sqrt(dot(units[n], units[n]));
      if (!(norm > 0) || Double.isInfinite(norm)) {
        throw new ArithmeticException(
            "output %s of encoder %s has length %s for image %d, and no direction"
                .formatted(output, encoder.id(), norm, n));
      }
      for (int i = 0; i < units[n].length; i++) {
        units[n][i] = (float) (units[n][i] / norm);
      }
    }
    return units;
  }

  /** Returns the inner product; for unit vectors the cosine, -1 to 1. */
  static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  @Override
  public void close() {
    encoder.close();
  }
}
