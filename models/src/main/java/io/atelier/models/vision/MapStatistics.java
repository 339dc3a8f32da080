package io.atelier.models.vision;

import io.atelier.models.vision.Encoder.Feature;

/** Turns feature maps into vectors that keep texture and discard position. */
public final class MapStatistics {

  private MapStatistics() {}

  /**
   * Mean and population standard deviation over space of every channel.
   *
   * @param map (n, C, h, w)
   * @return (n, 2 C): the C means, then the C standard deviations
   */
  public static Feature meanStd(Feature map) {
    if (map.shape().length != 4) {
      throw new IllegalArgumentException(
          "statistics over space need a map (n, C, h, w), got %d dimensions"
              .formatted(map.shape().length));
    }
    int count = (int) map.shape()[0];
    int channels = (int) map.shape()[1];
    int places = (int) (map.shape()[2] * map.shape()[3]);
    float[] out = new float[count * 2 * channels];
    float[] in = map.values();
    for (int n = 0; n < count; n++) {
      for (int c = 0; c < channels; c++) {
        int from = (n * channels + c) * places;
        double sum = 0;
        for (int p = 0; p < places; p++) {
          sum += in[from + p];
        }
        double mean = sum / places;
        double square = 0;
        for (int p = 0; p < places; p++) {
          double d = in[from + p] - mean;
          square += d * d;
        }
        out[n * 2 * channels + c] = (float) mean;
        out[(n * 2 + 1) * channels + c] = (float) Math.sqrt(square / places);
      }
    }
    return new Feature(new long[] {count, 2L * channels}, out);
  }
}
