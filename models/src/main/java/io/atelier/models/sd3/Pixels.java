package io.atelier.models.sd3;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.tensor.Host;
import io.atelier.models.vision.Images;
import io.atelier.models.vision.Rounding;
import java.util.ArrayList;
import java.util.List;

/** Converts between 8-bit images and the autoencoder's arrays: (B, 3, H, W) in [−1, 1]. */
public final class Pixels {

  private Pixels() {}

  /** {@code byte / 127.5 − 1} in one plane per colour. */
  public static NDArray toNative(NDManager scope, Images images) {
    int area = images.height() * images.width();
    byte[] rgb = images.rgb();
    float[] planes = new float[rgb.length];
    for (int i = 0; i < images.count(); i++) {
      int base = i * images.stride();
      for (int p = 0; p < area; p++) {
        for (int c = 0; c < 3; c++) {
          planes[base + c * area + p] = (rgb[base + 3 * p + c] & 255) / 127.5f - 1;
        }
      }
    }
    return Host.toNative(scope, planes, images.count(), 3, images.height(), images.width());
  }

  /** {@code round(255 clamp(y/2 + 1/2, 0, 1))}, halves to even. */
  public static Images toImages(NDArray decoded) {
    long[] shape = decoded.getShape().getShape();
    int height = Math.toIntExact(shape[2]);
    int width = Math.toIntExact(shape[3]);
    int count = Math.toIntExact(shape[0]);
    float[] planes = Host.floats(decoded);
    byte[] rgb = new byte[planes.length];
    int area = height * width;
    for (int i = 0; i < count; i++) {
      int base = i * 3 * area;
      for (int c = 0; c < 3; c++) {
        for (int p = 0; p < area; p++) {
          float value = planes[base + c * area + p];
          if (Float.isNaN(value)) {
            throw new IllegalStateException(
                "image %d of %d came out as NaN: the weights or the latents are not finite"
                    .formatted(i, count));
          }
          rgb[base + 3 * p + c] = Rounding.ROUND.toByte(value / 2 + 0.5f);
        }
      }
    }
    return new Images(count, height, width, rgb);
  }

  /** The images flipped horizontally. */
  public static Images mirrored(Images images) {
    byte[] rgb = new byte[images.rgb().length];
    int width = images.width();
    for (int row = 0; row < images.count() * images.height(); row++) {
      for (int x = 0; x < width; x++) {
        System.arraycopy(
            images.rgb(), 3 * (row * width + x), rgb, 3 * (row * width + width - 1 - x), 3);
      }
    }
    return new Images(images.count(), images.height(), width, rgb);
  }

  /** The images in parts of at most {@code size}. */
  public static List<Images> batches(Images images, int size) {
    List<Images> parts = new ArrayList<>();
    for (int from = 0; from < images.count(); from += size) {
      parts.add(images.slice(from, Math.min(images.count(), from + size)));
    }
    return parts;
  }
}
