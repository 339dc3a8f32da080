package io.atelier.models.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.atelier.models.vision.Encoder.Feature;
import org.junit.jupiter.api.Test;

class MapStatisticsTest {

  @Test
  void shouldGiveMeansThenDeviationsOfEveryImage() {
    Feature map = new Feature(new long[] {2, 2, 1, 2}, new float[] {1, 3, 5, 5, 0, 0, -4, 4});
    Feature statistics = MapStatistics.meanStd(map);
    assertArrayEquals(new long[] {2, 4}, statistics.shape());
    assertArrayEquals(new float[] {2, 5, 1, 0, 0, 0, 0, 4}, statistics.values(), 1e-6f);
  }

  @Test
  void shouldRefuseVectors() {
    Feature vector = new Feature(new long[] {1, 2}, new float[2]);
    assertThrows(IllegalArgumentException.class, () -> MapStatistics.meanStd(vector));
  }
}
