package io.atelier.reward.adversarial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Sizes that no array has; products of ints would wrap around, at worst to a small number. */
class FeatureBatchTest {

  /** Features of one image of a vision transformer: 1,369 places of 768 values. */
  private final FeatureBatch one =
      new FeatureBatch(
          1,
          new NamedTensors(
              Map.of("local.mid", new Tensor(new long[] {1, 1369, 768}, new float[1369 * 768]))),
          new float[0][]);

  private static String message(Runnable work) {
    return assertThrows(IllegalArgumentException.class, work::run).getMessage();
  }

  @Test
  void shouldSayHowManyFeaturesAreTooMany() {
    String expected =
        "[2043, 1369, 768] are 2147993856 values, and one array holds 2147483639; use fewer or"
            + " smaller images at once";
    assertEquals(expected, message(() -> FeatureBatch.concat(Collections.nCopies(2043, one))));
    // 4,086 times the values wrap around to 1,020,416, which would be taken for a size.
    assertEquals(
        "[4086, 1369, 768] are 4295987712 values, and one array holds 2147483639; use fewer or"
            + " smaller images at once",
        message(() -> FeatureBatch.concat(Collections.nCopies(4086, one))));
    assertEquals(
        "[2043, 1051392] are 2147993856 values, and one array holds 2147483639; use fewer or"
            + " smaller images at once",
        message(() -> one.select(new int[2043])));
  }

  @Test
  void shouldSayThatAHeadIsTooLarge() {
    TreeMap<String, Integer> widths = new TreeMap<>(Map.of("global", 100_000));
    assertEquals(
        "[50000, 100000] are 5000000000 values, and one array holds 2147483639; use fewer or"
            + " smaller images at once",
        message(
            () ->
                Head.create(
                    widths,
                    50_000,
                    0,
                    List.of(),
                    new GroupNoise(1).stream(Purpose.CRITIC_SCORE, 0))));
  }
}
