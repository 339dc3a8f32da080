package io.atelier.reward.adversarial;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Three members and three images, by hand. */
class MemberScoresTest {

  private static final double[][] SCORES = {{1, 2, 3}, {1.5, 1, 3.5}, {0.5, 3, -0.5}};

  private static float[] aggregated(Aggregate aggregate) {
    return MemberScores.aggregated(aggregate, SCORES);
  }

  @Test
  void shouldMakeOneScoreOfSeveralByEachRule() {
    assertArrayEquals(new float[] {1, 2, 2}, aggregated(Aggregate.MEAN), 1e-6f);
    assertArrayEquals(new float[] {1, 2, 3}, aggregated(Aggregate.MEDIAN), 1e-6f);
    // Deviations: sqrt(1/6), sqrt(2/3) and sqrt(19/6), those of the population.
    assertArrayEquals(
        new float[] {0.591752f, 1.183503f, 0.220487f}, aggregated(Aggregate.MEAN_STD), 1e-6f);
    assertArrayEquals(new float[] {0.5f, 1, -0.5f}, aggregated(Aggregate.MIN), 1e-6f);
  }

  @Test
  void shouldTakeTheMeanOfTheTwoInTheMiddle() {
    assertEquals(2.5, Aggregate.MEDIAN.of(new double[] {9, 2, 3, -4}));
  }

  @Test
  void shouldCentreByTheGroupAndDivideByTheDeviation() {
    float[][] group = {{1, 2, 6}, {10, 20, 30}};
    double[][] standardised = MemberScores.standardised(group, group, new float[] {2, 10});
    assertArrayEquals(new double[] {-1, -0.5, 1.5}, standardised[0], 1e-9); // mean 3
    assertArrayEquals(new double[] {-1, 0, 1}, standardised[1], 1e-9);
    double[][] reference =
        MemberScores.standardised(new float[][] {{7}, {40}}, group, new float[] {2, 10});
    assertArrayEquals(new double[] {2}, reference[0], 1e-9); // held against the group's mean
    assertArrayEquals(new double[] {2}, reference[1], 1e-9);
  }

  @Test
  void shouldTakeNoAccountOfAMembersOffset() {
    float[][] scores = {{1, 2, 3}, {1.5f, 1, 3.5f}, {0.5f, 3, -0.5f}};
    float[][] offset = {{1, 2, 3}, {11.5f, 11, 13.5f}, {0.5f, 3, -0.5f}};
    float[] deviations = {1, 2, 0.5f};
    for (Aggregate aggregate : Aggregate.values()) {
      assertArrayEquals(
          MemberScores.aggregated(aggregate, MemberScores.standardised(scores, scores, deviations)),
          MemberScores.aggregated(aggregate, MemberScores.standardised(offset, offset, deviations)),
          1e-6f,
          aggregate.name());
    }
  }

  @Test
  void shouldTellHowFarMembersAreApart() {
    // (0.408248 + 0.816497 + 1.779513) / 3
    assertEquals(1.001419, MemberScores.spread(List.<double[][]>of(SCORES)), 1e-6);
    double[][] alike = {{1, 2}, {1, 2}};
    assertEquals(0, MemberScores.spread(List.<double[][]>of(alike)));
    // Three images of the one group and two of the other count alike.
    double[][] pair = {{1, 2, 3}, {1, 2, 3}, {1, 2, 3}};
    assertEquals(1.001419 / 2, MemberScores.spread(List.of(SCORES, pair)), 1e-6);
  }

  @Test
  void shouldMeasureDeviationsWithinGroups() {
    List<float[][]> groups =
        List.of(new float[][] {{1, 3}, {5, 5}}, new float[][] {{100, 100}, {7, 7}});
    // Member 0: squares 1 and 1 about 2, none about 100: sqrt(2 / 4). Member 1 tells none apart.
    assertArrayEquals(new float[] {0.70710677f, 0}, MemberScores.deviations(groups));
  }

  @Test
  void shouldTellHowFarMembersAgree() {
    float[][] group = {{1, 2, 3}, {10, 20, 30}, {3, 2, 1}};
    // Pairs 1, -1 and -1.
    assertEquals(-1.0 / 3, MemberScores.agreement(List.<float[][]>of(group)).orElseThrow(), 1e-9);
    float[][] flat = {{1, 1, 1}, {1, 2, 3}};
    assertTrue(MemberScores.agreement(List.<float[][]>of(flat)).isEmpty());
  }
}
