package io.atelier.reward.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MetricsTest {

  @Test
  void shouldGiveKidWorkedOutByHand() {
    // d = 1. Reference {1, 2}: k(1,2) = 27. Samples {0, 3}: k = 1. Across: 1, 1, 64, 343.
    FeatureMatrix reference = new FeatureMatrix(2, 1, new float[] {1, 2});
    FeatureMatrix samples = new FeatureMatrix(2, 1, new float[] {0, 3});
    assertEquals(
        1000 * (27 + 1 - 2 * (1 + 1 + 64 + 343) / 4.0), new Kid(reference).of(samples, 1), 1e-6);
    assertThrows(IllegalArgumentException.class, () -> new Kid(samples.slice(0, 1)));
  }

  @Test
  void shouldGiveKidAroundZeroWhenDistributionsAgree() {
    FeatureMatrix a = normal(300, 20, 0, 1);
    FeatureMatrix b = normal(200, 20, 0, 2);
    FeatureMatrix shifted = normal(200, 20, 0.5, 3);
    Kid kid = new Kid(a);
    assertEquals(0, kid.of(b, 1), 15);
    // For N(0, I) against N(s, I) the linear term alone gives 3 |s|^2 / d.
    assertTrue(kid.of(shifted, 1) > 500, "shifted: " + kid.of(shifted, 1));
  }

  @Test
  void shouldLeavePairsOfOnePromptOutOfKid() {
    // d = 1. Within: only 1,1 with 2,2 (27); across {1, 1} to {2, 2} and back: 27. Matched:
    // nothing.
    FeatureMatrix twice = new FeatureMatrix(4, 1, new float[] {1, 1, 2, 2});
    assertEquals(0, Kid.matched(twice, 2).of(twice, 2), 1e-9);
    // Independent reference {1, 2}: k(1,1) = 8 and k(2,2) = 125 count across.
    FeatureMatrix reference = new FeatureMatrix(2, 1, new float[] {1, 2});
    assertEquals(
        1000 * (27 + 27 - 2 * (8 + 27 + 27 + 125) / 4.0), new Kid(reference).of(twice, 2), 1e-6);
    assertThrows(IllegalArgumentException.class, () -> Kid.matched(twice, 4));
  }

  @Test
  void shouldLeavePairsOfOnePromptOutOfKidWhateverTheirNumberAndOrder() {
    // d = 1, k(a, b) = (ab + 1)^3. References: 1 and 3 of prompt 0, 2 of prompt 1. Within them:
    // k(1,2) = 27 and k(3,2) = 343. Samples 0 and 0 of prompt 0, 4 and 4 of prompt 1: within k = 1.
    // Across: 0 with 2 is 1, twice; 4 with 1 is 125 and with 3 is 2197, twice.
    FeatureMatrix reference = new FeatureMatrix(3, 1, new float[] {1, 2, 3});
    FeatureMatrix samples = new FeatureMatrix(4, 1, new float[] {0, 0, 4, 4});
    assertEquals(
        1000 * ((27 + 343) / 2.0 + 1 - 2 * (2 * 1 + 2 * 125 + 2 * 2197) / 6.0),
        Kid.matched(reference, new int[] {0, 1, 0}).of(samples, 2),
        1e-6);
    assertThrows(IllegalArgumentException.class, () -> Kid.matched(reference, new int[] {0, 1}));
    assertThrows(IllegalArgumentException.class, () -> Kid.matched(reference, new int[] {1, 1, 1}));
  }

  @Test
  void shouldGiveTheSameKidForOneOrTwoImagesOfAPrompt() {
    // Prompts at N(0, I), images close to their prompt: pairs of a prompt are all but equal.
    FeatureMatrix reference = normal(400, 20, 0, 12);
    FeatureMatrix prompts = normal(200, 20, 0, 13);
    float[] doubled = new float[2 * prompts.values().length];
    for (int i = 0; i < doubled.length; i++) {
      doubled[i] = prompts.values()[i / 40 * 20 + i % 20];
    }
    FeatureMatrix both = new FeatureMatrix(400, 20, doubled);
    Kid kid = new Kid(reference);
    assertEquals(kid.of(prompts, 1), kid.of(both, 2), 1e-6);
    assertTrue(kid.of(both, 1) > kid.of(both, 2) + 10, "pairs of one prompt count");
  }

  @Test
  void shouldMultiplyAnyNumberOfRows() {
    FeatureMatrix a = normal(7, 5, 0, 4);
    FeatureMatrix b = normal(3, 5, 0, 5);
    float[] dots = a.dots(b);
    for (int i = 0; i < 7; i++) {
      for (int j = 0; j < 3; j++) {
        double sum = 0;
        for (int c = 0; c < 5; c++) {
          sum += a.values()[i * 5 + c] * b.values()[j * 5 + c];
        }
        assertEquals(sum, dots[i * 3 + j], 1e-5);
      }
    }
    assertThrows(IllegalArgumentException.class, () -> a.dots(normal(3, 4, 0, 6)));
  }

  @Test
  void shouldMultiplyTheSameWithFewRowsAtOnce() {
    FeatureMatrix a = normal(2_500, 3, 0, 14);
    FeatureMatrix b = normal(2_001, 3, 0, 15);
    float[] dots = a.dots(b);
    int[] rows = {0};
    a.eachRowOfDots(
        b,
        (row, some, at) -> {
          assertEquals(rows[0]++, row);
          assertTrue(some.length < dots.length, "all at once");
          assertEquals(
              -1, Arrays.mismatch(dots, row * 2_001, (row + 1) * 2_001, some, at, at + 2_001));
        });
    assertEquals(2_500, rows[0]);
  }

  @Test
  void shouldGiveKidOfMoreImagesThanAnArrayHasPairs() {
    float[] ones = new float[46_342]; // squared, more than the largest int
    Arrays.fill(ones, 1);
    FeatureMatrix many = new FeatureMatrix(ones.length, 1, ones);
    assertEquals(0, new Kid(many).of(many.slice(0, 3), 1), "every pair has the kernel 8");
    String message =
        assertThrows(IllegalArgumentException.class, () -> many.dots(many)).getMessage();
    assertTrue(message.contains("[46342, 46342] are 2147580964 values"), message);
  }

  @Test
  void shouldSayHowManyFeaturesAreTooMany() {
    FeatureMatrix some = normal(1_000, 30, 0, 16);
    String under =
        assertThrows(
                IllegalArgumentException.class,
                () -> FeatureMatrix.under(Collections.nCopies(80_000, some)))
            .getMessage();
    assertTrue(under.contains("[80000000, 30] are 2400000000 values"), under);
    assertThrows(
        IllegalArgumentException.class, () -> some.select(Collections.nCopies(80_000_000, 7)));
  }

  @Test
  void shouldSeparateClassesThatALineSeparates() {
    FeatureMatrix low = normal(200, 4, -3, 7);
    FeatureMatrix high = normal(200, 4, 3, 8);
    StyleProbe probe = StyleProbe.fit(List.of(low, high));
    assertEquals(1, probe.share(normal(100, 4, 3, 9), 1), 0.01);
    assertEquals(0, probe.share(normal(100, 4, -3, 10), 1), 0.01);
    assertArrayEquals(
        probe.classify(low), StyleProbe.fit(List.of(low, high)).classify(low), "deterministic");
  }

  /** Positive where the class is the most probable of two; those of two classes are opposite. */
  @Test
  void shouldGiveLogOddsThatAgreeWithTheClass() {
    StyleProbe probe = StyleProbe.fit(List.of(normal(200, 4, -1, 7), normal(200, 4, 1, 8)));
    FeatureMatrix mixed = normal(100, 4, 0, 9);
    int[] classes = probe.classify(mixed);
    double[] first = probe.logOdds(mixed, 0);
    double[] second = probe.logOdds(mixed, 1);
    for (int i = 0; i < classes.length; i++) {
      assertEquals(classes[i] == 1, second[i] > 0, "row " + i);
      assertEquals(-first[i], second[i], 1e-9);
    }
  }

  @Test
  void shouldFindEachImageInItsOwnGallery() {
    FeatureMatrix gallery = normal(30, 10, 5, 11);
    Retrieval retrieval = new Retrieval(gallery);
    List<Integer> order = List.of(4, 2, 17, 29, 0, 11, 8, 21, 5, 6);
    assertEquals(1, retrieval.topOne(gallery, IntStream.range(0, 30).boxed().toList()));
    assertTrue(retrieval.topOne(gallery.select(order), order) >= 0.7);
    assertEquals(
        0, retrieval.topOne(gallery.select(order), order.stream().map(c -> 29 - c).toList()), 0.2);
  }

  @Test
  void shouldMeasureDiversityWithinGroupsOnly() {
    float[] values = {1, 0, 1, 0, 0, 1, 0, -1};
    FeatureMatrix rows = new FeatureMatrix(4, 2, values);
    double[] origin = {0, 0};
    // Two equal rows (0) and two opposite ones (2).
    assertEquals(1, HeldOut.diversity(rows, origin, 2), 1e-6);
    assertThrows(IllegalArgumentException.class, () -> HeldOut.diversity(rows, origin, 3));
  }

  private static FeatureMatrix normal(int rows, int width, double mean, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[rows * width];
    for (int i = 0; i < values.length; i++) {
      double sum = 0;
      for (int k = 0; k < 12; k++) {
        sum += random.nextDouble();
      }
      values[i] = (float) (sum - 6 + mean);
    }
    return new FeatureMatrix(rows, width, values);
  }
}
