package io.atelier.reward.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.Images;
import io.atelier.reward.metrics.HeldOut.Features;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Two prompts with four images each, whose pooled feature is one number, by hand. */
class BestOfTest {

  private static final List<float[]> SCORES =
      List.of(new float[] {0.1f, 0.9f, 0.5f, 0.2f}, new float[] {0.3f, 0.3f, -1, 2});

  private static final Features DRAWN =
      new Features(
          new FeatureMatrix(8, 1, new float[] {1, 2, 0, 1, 0, 1, 2, 1}),
          new FeatureMatrix(8, 2, new float[] {1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0, -1, 0}));

  /** References 0 and 1; two samples of the base for each prompt, 1 of the first and 0 else. */
  private static Map<String, Double> measured(int n) {
    Features references =
        new Features(
            new FeatureMatrix(2, 1, new float[] {0, 1}), new FeatureMatrix(2, 2, new float[4]));
    Features base =
        new Features(
            new FeatureMatrix(4, 1, new float[] {1, 1, 0, 0}),
            new FeatureMatrix(4, 2, new float[8]));
    HeldOutReferences all =
        new HeldOutReferences(references, references, Optional.empty(), Optional.of(base));
    try (HeldOut heldOut = new HeldOut(new Unused(), all)) {
      return BestOf.measure(heldOut, DRAWN, List.of(0, 1), SCORES, n);
    }
  }

  @Test
  void shouldTakeTheFirstOfTheBestOfEachWholeBlock() {
    assertArrayEquals(new int[] {0, 1, 2, 3}, BestOf.winners(SCORES.get(0), 1));
    assertArrayEquals(new int[] {1, 2}, BestOf.winners(SCORES.get(0), 2));
    assertArrayEquals(new int[] {0, 3}, BestOf.winners(SCORES.get(1), 2));
    assertArrayEquals(new int[] {0}, BestOf.winners(SCORES.get(1), 3), "the last is left out");
    assertArrayEquals(new int[] {3}, BestOf.winners(SCORES.get(1), 4));
    for (int n : new int[] {0, 5}) {
      assertThrows(IllegalArgumentException.class, () -> BestOf.winners(SCORES.get(0), n));
    }
  }

  /**
   * With the features a and b of what is chosen, and the references 0 and 1, KID is 1000 (1 +
   * (ab+1)^3 - (2 + (a+1)^3 + (b+1)^3) / 2).
   */
  @Test
  void shouldMeasureTheMeanOverBlocks() {
    // (1, 0), (2, 1), (0, 2), (1, 1)
    assertEquals((-3500 + 9500 - 13000 + 0) / 4.0, measured(1).get("kidReference"), 1e-9);
    // (2, 0) and (0, 1)
    assertEquals((-13000 - 3500) / 2.0, measured(2).get("kidReference"), 1e-9);
    assertEquals(-13000, measured(3).get("kidReference"), 1e-9);
    assertEquals(9500, measured(4).get("kidReference"), 1e-9);
    assertEquals(9500, measured(4).get("kidReferenceRaw"), 1e-9);
    // 2 against the base of the other prompt, 0 and 0, and 1 against 1 and 1: 1 + 27 - 2 * 4.5
    assertEquals(19000, measured(4).get("kidBase"), 1e-9);
    assertEquals(0.4125, measured(1).get("score"), 1e-6);
    assertEquals((0.9 + 0.5 + 0.3 + 2) / 4, measured(2).get("score"), 1e-6);
    assertEquals(1.45, measured(4).get("score"), 1e-6);
  }

  @Test
  void shouldTellTheDiversityOfWhatBlocksChoose() {
    // Cosines 0 and -1: distances 1 and 2.
    assertEquals(1.5, measured(2).get("diversity"), 1e-6);
    assertFalse(measured(4).containsKey("diversity"), "there is one image of each prompt");
  }

  /** What was looked at is not looked at again. */
  private static final class Unused implements Encoder {
    @Override
    public String id() {
      throw new AssertionError();
    }

    @Override
    public List<String> vectors() {
      throw new AssertionError();
    }

    @Override
    public List<String> maps() {
      throw new AssertionError();
    }

    @Override
    public Map<String, Feature> encode(Images images) {
      throw new AssertionError();
    }

    @Override
    public void close() {}
  }
}
