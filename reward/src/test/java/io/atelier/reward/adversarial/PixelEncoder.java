package io.atelier.reward.adversarial;

import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.Images;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Pixels in 0..1 as a map of three channels, and their means as a vector. */
class PixelEncoder implements Encoder {
  private final Runnable closed;

  PixelEncoder() {
    this(() -> {});
  }

  /**
   * @param closed run when it is closed
   */
  PixelEncoder(Runnable closed) {
    this.closed = closed;
  }

  @Override
  public String id() {
    return "pixels";
  }

  @Override
  public List<String> vectors() {
    return List.of("mean");
  }

  @Override
  public List<String> maps() {
    return List.of("map");
  }

  @Override
  public Map<String, Feature> encode(Images images) {
    int places = images.height() * images.width();
    float[] map = new float[images.count() * 3 * places];
    float[] mean = new float[images.count() * 3];
    for (int i = 0; i < map.length; i++) {
      int n = i / (3 * places);
      int c = i / places % 3;
      map[i] = (images.rgb()[(n * places + i % places) * 3 + c] & 0xff) / 255f;
      mean[n * 3 + c] += map[i] / places;
    }
    Map<String, Feature> features = new TreeMap<>();
    long count = images.count();
    features.put("map", new Feature(new long[] {count, 3, images.height(), images.width()}, map));
    features.put("mean", new Feature(new long[] {count, 3}, mean));
    return features;
  }

  @Override
  public void close() {
    closed.run();
  }
}
