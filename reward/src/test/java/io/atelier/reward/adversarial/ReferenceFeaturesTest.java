package io.atelier.reward.adversarial;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.vision.ImageSource;
import io.atelier.models.vision.Images;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReferenceFeaturesTest {

  private static final int COUNT = 10;
  private static final int BYTES = 2 * Float.BYTES;

  private final List<Integer> read = new ArrayList<>();

  /** Images of one pixel, of which each has its number as its level. */
  private final class Numbers implements ImageSource {
    @Override
    public int count() {
      return COUNT;
    }

    @Override
    public int height() {
      return 1;
    }

    @Override
    public int width() {
      return 1;
    }

    @Override
    public Images get(int index) {
      read.add(index);
      return new Images(1, 1, 1, new byte[] {(byte) index, 0, 0});
    }

    @Override
    public void identify(MessageDigest digest) {
      digest.update(new byte[] {COUNT});
    }
  }

  /** The level, and one more. */
  private static NamedTensors levels(Images images, int[] places) {
    float[] values = new float[2 * images.count()];
    for (int i = 0; i < images.count(); i++) {
      assertEquals(places[i], images.rgb()[3 * i]);
      values[2 * i] = images.rgb()[3 * i];
      values[2 * i + 1] = values[2 * i] + 1;
    }
    Tensor tensor = new Tensor(new long[] {images.count(), 2}, values);
    return new NamedTensors(Map.of(FeatureBatch.GLOBAL, tensor));
  }

  private ReferenceFeatures features(long limit) {
    return new ReferenceFeatures(ReferenceFeaturesTest::levels, new Numbers(), limit);
  }

  private static void assertLevels(NamedTensors views, int... levels) {
    float[] expected = new float[2 * levels.length];
    for (int i = 0; i < levels.length; i++) {
      expected[2 * i] = levels[i];
      expected[2 * i + 1] = levels[i] + 1;
    }
    assertArrayEquals(expected, views.get(FeatureBatch.GLOBAL).values());
  }

  @Test
  void shouldReadAnImageOnceWhileThereIsRoom() {
    ReferenceFeatures features = features(COUNT * BYTES);
    assertLevels(features.of(new int[] {3, 1, 3}), 3, 1, 3);
    assertLevels(features.of(new int[] {1, 7}), 1, 7);
    assertEquals(List.of(3, 1, 7), read);
  }

  @Test
  void shouldForgetWhatWasDrawnLongestAgo() {
    ReferenceFeatures features = features(3 * BYTES);
    features.of(new int[] {0, 1, 2});
    features.of(new int[] {0, 3}); // 1 goes
    read.clear();
    assertLevels(features.of(new int[] {3, 0, 2}), 3, 0, 2);
    assertEquals(List.of(), read);
    assertLevels(features.of(new int[] {1}), 1);
    assertEquals(List.of(1), read);
    assertLevels(features.of(new int[] {9, 8, 7, 6, 5, 5}), 9, 8, 7, 6, 5, 5); // more than fit
    read.clear();
    features.of(new int[] {6, 5, 7});
    assertEquals(List.of(), read, "those drawn last stay");
  }
}
