package io.atelier.tests.golden;

import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.vision.Images;
import java.nio.ByteBuffer;

/** Images of a golden file: tensor {@code images_u8} (n, 3, H, W), colours as planes. */
final class GoldenImages {

  private GoldenImages() {}

  static Images read(SafetensorsFile file) {
    long[] shape = file.info("images_u8").shape();
    ByteBuffer planes = file.bytes("images_u8");
    int plane = (int) (shape[2] * shape[3]);
    byte[] rgb = new byte[planes.remaining()];
    for (int i = 0; i < rgb.length; i++) {
      int n = i / (3 * plane);
      rgb[i] = planes.get((n * 3 + i % 3) * plane + i / 3 % plane);
    }
    return new Images((int) shape[0], (int) shape[2], (int) shape[3], rgb);
  }
}
