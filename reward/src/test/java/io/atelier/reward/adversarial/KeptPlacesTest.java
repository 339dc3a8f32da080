package io.atelier.reward.adversarial;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.rollout.noise.RandomStream;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Of an image with many places some are kept; the value of a place tells which it is. */
class KeptPlacesTest {

  private static final int PLACES = 50;
  private static final int KEPT = 7;

  /** Place p of image n has the two channels (100 n + p, -p). */
  private static NamedTensors views(int images) {
    float[] values = new float[images * PLACES * 2];
    for (int i = 0; i < images * PLACES; i++) {
      values[2 * i] = 100 * (i / PLACES) + i % PLACES;
      values[2 * i + 1] = -(i % PLACES);
    }
    return new NamedTensors(
        Map.of(
            "global", new Tensor(new long[] {images, 3}, new float[3 * images]),
            "local.patches", new Tensor(new long[] {images, PLACES, 2}, values)));
  }

  private static RandomStream stream(int image) {
    return new GroupNoise(5).stream(Purpose.CRITIC_SCORE, new GroupId(1, 2), image, 2);
  }

  private static float[] kept(int images) {
    NamedTensors kept = FeatureBatch.kept(views(images), KEPT, KeptPlacesTest::stream);
    assertArrayEquals(new long[] {images, 3}, kept.get("global").shape());
    assertArrayEquals(new long[] {images, KEPT, 2}, kept.get("local.patches").shape());
    return kept.get("local.patches").values();
  }

  @Test
  void shouldKeepEachPlaceOnceWithAllItsChannels() {
    float[] values = kept(2);
    int[] first = new int[KEPT];
    int[] second = new int[KEPT];
    for (int k = 0; k < KEPT; k++) {
      first[k] = (int) -values[2 * k + 1];
      second[k] = (int) -values[2 * (KEPT + k) + 1];
      assertEquals(first[k], values[2 * k], "image 0");
      assertEquals(100 + second[k], values[2 * (KEPT + k)], "image 1");
    }
    for (int[] places : new int[][] {first, second}) {
      assertTrue(places[0] >= 0 && places[KEPT - 1] < PLACES, Arrays.toString(places));
      for (int k = 1; k < KEPT; k++) {
        assertTrue(places[k] > places[k - 1], Arrays.toString(places));
      }
    }
    assertFalse(Arrays.equals(first, second), "each image has its own places");
  }

  @Test
  void shouldNotDependOnTheImagesBeside() {
    assertArrayEquals(kept(1), Arrays.copyOf(kept(3), 2 * KEPT));
  }

  @Test
  void shouldDrawNothingWhereAllAreKept() {
    NamedTensors all = views(2);
    NamedTensors kept =
        FeatureBatch.kept(
            all,
            PLACES,
            n -> {
              throw new AssertionError("drawn");
            });
    assertEquals(all.contentHash(), kept.contentHash());
  }
}
