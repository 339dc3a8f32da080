package io.atelier.models.condition;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RewardBinsTest {

  /** Quantiles of 8 scores lie at places 0, 1.75, 3.5, 5.25 and 7. */
  @Test
  void shouldHaveQuantilesOfTheScoresAsEdges() {
    RewardBins bins = RewardBins.fit(new float[] {.8f, .1f, .2f, .3f, .4f, .5f, .6f, .7f}, 4);
    assertArrayEquals(new float[] {.1f, .275f, .45f, .625f, .8f}, bins.edges(), 1e-6f);
    assertEquals(1 / 3f, bins.value(.3f), 1e-6); // above two edges
    assertEquals(0, bins.value(.275f)); // not above the second
    assertEquals(1, bins.value(.8f));
  }

  /** MIRO's code gives 4/3, for five edges lie below. */
  @Test
  void shouldHaveTheValueOneAboveAllEdges() {
    RewardBins bins = RewardBins.fit(new float[] {.1f, .2f, .3f, .4f, .5f, .6f, .7f, .8f}, 4);
    assertEquals(1, bins.value(1.2f));
    assertEquals(0, bins.value(-5));
  }

  /** MIRO's code forces edges 0 and 1 and gives 0, 0, 0, 2/3, 1. */
  @Test
  void shouldTellNegativeScoresApart() {
    float[] scores = {-1.2f, -.6f, -.1f, .3f, .9f};
    RewardBins bins = RewardBins.fit(scores, 4);
    assertArrayEquals(scores, bins.edges(), 1e-6f);
    float[] expected = {0, 0, 1 / 3f, 2 / 3f, 1};
    for (int i = 0; i < scores.length; i++) {
      assertEquals(expected[i], bins.value(scores[i]), 1e-6, "score " + scores[i]);
    }
  }

  /** Places count different scores: 1 four times weighs as much as 1 once. */
  @Test
  void shouldCountEqualScoresOnce() {
    assertArrayEquals(
        RewardBins.fit(new float[] {1, 2, 3, 4, 9}, 2).edges(),
        RewardBins.fit(new float[] {1, 1, 1, 1, 2, 3, 4, 9}, 2).edges());
  }

  /** Two different scores are too few for four bins. */
  @Test
  void shouldSpaceEdgesEvenlyForFewDifferentScores() {
    RewardBins bins = RewardBins.fit(new float[] {0, 1, 1, 0}, 4);
    assertArrayEquals(new float[] {0, .25f, .5f, .75f, 1}, bins.edges());
    assertEquals(0, bins.value(0));
    assertEquals(1, bins.value(1));
  }

  @Test
  void shouldKeepAMissingScoreMissing() {
    assertTrue(Float.isNaN(RewardBins.fit(new float[] {0, 1}, 4).value(Float.NaN)));
  }

  @Test
  void shouldRefuseScoresThatTellNothing() {
    assertThrows(IllegalArgumentException.class, () -> RewardBins.fit(new float[] {2, 2, 2}, 4));
    assertThrows(
        IllegalArgumentException.class, () -> RewardBins.fit(new float[] {2, Float.NaN}, 4));
    assertThrows(IllegalArgumentException.class, () -> RewardBins.fit(new float[] {2, 3}, 1));
    assertThrows(IllegalArgumentException.class, () -> new RewardBins(new float[] {0, 2, 1}));
  }
}
