package io.atelier.reward.sum;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WeightedSumTest {

  private final WeightedSum sum = new WeightedSum(Map.of("critic", 0.5, "jpeg", 2.0));

  private static Map<String, float[]> parts() {
    Map<String, float[]> parts = new LinkedHashMap<>();
    parts.put("critic", new float[] {1, -2});
    parts.put("critic/local", new float[] {9, 9});
    parts.put("jpeg", new float[] {0.25f, 3});
    return parts;
  }

  @Test
  void shouldWeighTheSummandsAndNotTheirParts() {
    assertArrayEquals(new float[] {1, 5}, sum.of(parts(), 2));
  }

  @Test
  void shouldTakeOtherWeightsForSome() {
    assertArrayEquals(new float[] {0.25f, -4}, sum.with(Map.of("jpeg", -1.0)).of(parts(), 2));
    assertArrayEquals(new float[] {1, 5}, sum.of(parts(), 2), "it is as it was");
  }

  @Test
  void shouldRefuseScoresWithoutAWeight() {
    Map<String, float[]> more = parts();
    more.put("other", new float[] {1, 1});
    Exception refusal = assertThrows(IllegalArgumentException.class, () -> sum.of(more, 2));
    assertTrue(refusal.getMessage().contains("scores of \"other\", which has no weight"));
  }
}
