package io.atelier.models.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.tensor.Host;

/**
 * Rotation of each patch's queries and keys, the position encoding of DINOv3 (Siméoni et al. 2025):
 * rotary embedding (Su et al. 2021) of the centre of a patch, with image coordinates of -1..1, so
 * that it does not depend on the image size.
 *
 * <p>A head's first quarter of channels rotates with the row and its second with the column, each
 * channel paired with the one half a head further on: channel i of a quarter by 2 pi coordinate /
 * 100^(4 i / head).
 *
 * @param cos cosines of the angles, (patches, head)
 * @param sin sines of the angles, (patches, head)
 */
record Rotation(NDArray cos, NDArray sin) {

  static final int BASE = 100;

  /**
   * @param side rows and columns of patches
   * @param head channels of a head, a multiple of 4
   */
  static Rotation of(NDManager scope, int side, int head) {
    int quarter = head / 4;
    float[] cos = new float[side * side * head];
    float[] sin = new float[cos.length];
    for (int place = 0; place < side * side; place++) {
      for (int channel = 0; channel < head; channel++) {
        int turned = channel % (2 * quarter);
        int line = turned < quarter ? place / side : place % side;
        float coordinate = 2 * ((line + 0.5f) / side) - 1;
        double angle =
            2 * Math.PI * coordinate / Math.pow(BASE, (turned % quarter) / (double) quarter);
        cos[place * head + channel] = (float) Math.cos(angle);
        sin[place * head + channel] = (float) Math.sin(angle);
      }
    }
    long[] shape = {(long) side * side, head};
    return new Rotation(Host.toNative(scope, cos, shape), Host.toNative(scope, sin, shape));
  }
}
