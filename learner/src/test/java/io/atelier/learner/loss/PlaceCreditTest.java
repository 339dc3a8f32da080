package io.atelier.learner.loss;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.learner.advantage.AdvantageConfig;
import io.atelier.learner.advantage.Spread;
import io.atelier.learner.advantage.Weighting;
import io.atelier.learner.grpo.PolicyConfig;
import io.atelier.rollout.PlaceGrid;
import io.atelier.rollout.flow.ForwardTimes;
import io.atelier.rollout.flow.StepKind;
import io.atelier.rollout.flow.TrainedWindow;
import io.atelier.rollout.sampler.LatentType;
import io.atelier.rollout.sampler.RolloutConfig;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Credit by place, with numbers that were worked out by hand. */
class PlaceCreditTest {

  private static final double TO_SIX = 5e-7;
  private static final int[] ONE_EACH = {1, 1, 1, 1};

  private static double[] weights(double advantage, double[] moved) {
    return Arrays.stream(moved).map(own -> advantage + own).toArray();
  }

  @Test
  void shouldMoveCreditAndKeepItsMean() {
    double[] u = {2, 0, -1, 0};
    assertArrayEquals(
        new double[] {0.343362, -0.037435, -0.268493, -0.037435},
        PlaceCredit.scaled(u, 1, ONE_EACH, 1),
        TO_SIX);
    double[] weights = weights(0.5, PlaceCredit.scaled(u, 1, ONE_EACH, 0.5));
    assertArrayEquals(new double[] {0.671681, 0.481283, 0.365753, 0.481283}, weights, TO_SIX);
    assertEquals(0.5, Arrays.stream(weights).sum() / 4, 1e-12);
  }

  @Test
  void shouldCountPlacesByTheirCells() {
    double[] moved = PlaceCredit.scaled(new double[] {2, 0, -1, 0}, 1, new int[] {1, 2, 2, 3}, 1);
    assertArrayEquals(new double[] {0.390962, 0.010165, -0.220894, 0.010165}, moved, TO_SIX);
    assertEquals(0, moved[0] + 2 * moved[1] + 2 * moved[2] + 3 * moved[3], 1e-12);
  }

  /** One place has 16, the others 0: less the mean 15 and -1, whose deviation is sqrt(15). */
  @Test
  void shouldHoldScoresAgainstThoseOfTheirImage() {
    double[] scores = new double[2 * PlaceGrid.COUNT];
    scores[0] = 16;
    Arrays.fill(scores, PlaceGrid.COUNT, scores.length, 7);
    scores[PlaceGrid.COUNT + 5] = 23;
    double[] expected = new double[scores.length];
    Arrays.fill(expected, -0.016994);
    expected[0] = 0.254916;
    expected[PlaceGrid.COUNT + 5] = 0.254916;
    assertArrayEquals(expected, PlaceCredit.ofScores(scores, 8, 8, 0.5), TO_SIX);
  }

  /** The same numbers, one image of which has none that differ. */
  @Test
  void shouldDivideByTheDeviationOfAllImages() {
    double[] u = new double[2 * PlaceGrid.COUNT];
    u[3] = 32;
    // mean 1, deviation sqrt(31) = 5.567764; sigmoid(32 / sqrt(31)) = .996819
    double[] moved = PlaceCredit.of(u, 8, 8, 1);
    assertEquals(0.496819 * 15 / 16, moved[3], TO_SIX);
    assertEquals(-0.496819 / 16, moved[0], TO_SIX);
    assertEquals(0, moved[PlaceGrid.COUNT]);
  }

  @Test
  void shouldMoveNothingWhereAllPlacesAreAlike() {
    double[] u = new double[3 * PlaceGrid.COUNT];
    Arrays.fill(u, 0.1);
    assertArrayEquals(new double[u.length], PlaceCredit.of(u, 8, 8, 0.5));
    Arrays.fill(u, 0, PlaceGrid.COUNT, -0.7); // images differ, their places do not
    assertArrayEquals(new double[u.length], PlaceCredit.of(u, 8, 8, 0.5), 1e-15);
    assertArrayEquals(new double[u.length], PlaceCredit.ofScores(u, 8, 8, 0.5), 1e-15);
  }

  private static LossConfig loss(PlaceSource source, double alpha) {
    return loss(source, alpha, false, Staleness.NONE);
  }

  private static LossConfig loss(
      PlaceSource source, double alpha, boolean guard, Staleness staleness) {
    return new LossConfig(
        Clip.of(1e-5), KlPenalty.VELOCITY, 0, guard, staleness, 0, new PlaceConfig(source, alpha));
  }

  private static PolicyConfig policy(
      LossConfig loss, Weighting weighting, boolean awm, int updates) {
    PolicyConfig usual = PolicyConfig.DEFAULT;
    return new PolicyConfig(
        AdvantageConfig.of(weighting, Spread.BATCH, 5),
        loss,
        awm ? Optional.of(AwmConfig.of(new ForwardTimes(2, 0, 2))) : Optional.empty(),
        usual.optimizer(),
        1,
        0.9,
        1,
        updates,
        0,
        0,
        usual.flatGroups(),
        usual.checkpointing());
  }

  private static RolloutConfig rollout(double guidance) {
    return new RolloutConfig(
        4,
        0,
        32,
        32,
        4,
        guidance,
        StepKind.CPS,
        0.8,
        new TrainedWindow(2, 0, 2),
        false,
        false,
        16,
        8,
        LatentType.FLOAT32);
  }

  private static void refused(String why, Runnable made) {
    String message = assertThrows(IllegalArgumentException.class, made::run).getMessage();
    assertTrue(message.contains(why), message);
  }

  @Test
  void shouldRefuseWhereRatiosAreNotOne() {
    LossConfig critic = loss(PlaceSource.CRITIC, 0.5);
    refused("set learner.guard=false", () -> loss(PlaceSource.CONTRAST, 1, true, Staleness.NONE));
    refused(
        "set learner.staleness=none",
        () -> loss(PlaceSource.CRITIC, 1, false, Staleness.DECOUPLED));
    refused("updates-per-step is 2", () -> policy(critic, Weighting.GRPO, false, 2));
    refused("objective is awm", () -> policy(critic, Weighting.GRPO, true, 1));
    refused("advantage.weighting is sft", () -> policy(critic, Weighting.SFT, false, 1));
    assertEquals(2, policy(loss(PlaceSource.CRITIC, 0), Weighting.SFT, false, 2).updatesPerStep());
  }

  @Test
  void shouldRefuseToCompareOneBranch() {
    PolicyConfig contrast = policy(loss(PlaceSource.CONTRAST_RAW, 0.5), Weighting.GRPO, false, 1);
    refused("credit.places.source is contrast-raw", () -> contrast.requireFits(rollout(1)));
    contrast.requireFits(rollout(4.5));
    policy(loss(PlaceSource.CRITIC, 0.5), Weighting.GRPO, false, 1).requireFits(rollout(1));
  }

  @Test
  void shouldMoveNothingWithoutASourceOrAnAlpha() {
    assertFalse(new PlaceConfig(PlaceSource.NONE, 1).moves());
    assertFalse(new PlaceConfig(PlaceSource.CRITIC, 0).needsScores());
    assertFalse(new PlaceConfig(PlaceSource.CRITIC, 1).contrasts());
    assertTrue(new PlaceConfig(PlaceSource.CONTRAST, 1).contrasts());
    refused("alpha must be at least 0", () -> new PlaceConfig(PlaceSource.CRITIC, -1));
    refused("alpha must be at least 0", () -> new PlaceConfig(PlaceSource.CRITIC, Double.NaN));
  }
}
