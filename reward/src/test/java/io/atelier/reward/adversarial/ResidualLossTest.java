package io.atelier.reward.adversarial;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.reward.adversarial.CriticLoss.Sides;
import io.atelier.reward.adversarial.ResidualLoss.Side;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ResidualLossTest {

  private static final double BOUND = 1e-6;

  private static ResidualConfig config(double agree, double disagree) {
    return new ResidualConfig("jpeg", 1, true, agree, disagree);
  }

  private static Side side(float prior, float logit) {
    return new Side(new float[] {prior}, new float[] {logit});
  }

  private static Sides logistic(Side reference, Side generated) {
    return ResidualLoss.over(CriticLoss.LOGISTIC, config(0, 0), reference, generated);
  }

  /** A prior that likes the generated image by 2: ln(1 + e^2) and 1 / (1 + e^-2). */
  @Test
  void shouldGiveTheLossesWorkedOutByHand() {
    Sides wrong = logistic(side(1, 0), side(3, 0));
    assertEquals(2.126928, wrong.loss(), BOUND);
    assertEquals(-0.880797, wrong.reference()[0], BOUND);
    assertEquals(0.880797, wrong.generated()[0], BOUND);
    Sides none = logistic(side(0, 0), side(0, 0));
    assertEquals(0.693147, none.loss(), BOUND);
    assertEquals(-0.5, none.reference()[0], BOUND);
    Sides turned = logistic(side(-1, 0), side(-3, 0));
    assertEquals(0.126928, turned.loss(), BOUND);
    assertEquals(-0.119203, turned.reference()[0], BOUND);
    assertEquals(0.693147, logistic(side(1, -1), side(3, -3)).loss(), BOUND, "all taken back");
  }

  /** Logits .5 and -.5 with both weights .1: .1 * .25 and .1 * (.25 + .25). */
  @Test
  void shouldHoldTheLogitsOfPairsAsThePriorRanksThem() {
    Side[] disagree = {side(1, 0.5f), side(3, -0.5f)};
    Side[] agree = {side(3, 0.5f), side(1, -0.5f)};
    assertEquals(0.025, added(0.1, 0.1, disagree), 1e-12);
    assertEquals(0.05, added(0.1, 0.1, agree), 1e-12);
    assertEquals(0, added(0.1, 0, disagree), 1e-12);
    assertEquals(0, added(0, 0.1, agree), 1e-12);
    assertEquals(0.025, added(0.1, 0.1, side(2, 0.5f), side(2, -0.5f)), 1e-12, "of a tie");
  }

  private static double added(double agree, double disagree, Side... pair) {
    return ResidualLoss.over(CriticLoss.LOGISTIC, config(agree, disagree), pair[0], pair[1]).loss()
        - logistic(pair[0], pair[1]).loss();
  }

  /** Of three pairs two agree, (3, 1) and (3, 2), and (2, 2) does not. */
  @Test
  void shouldTakeTheMeanOfEachKindOfPair() {
    Side reference = new Side(new float[] {3, 2}, new float[] {0.5f, 1});
    Side generated = new Side(new float[] {1, 2, 2}, new float[] {2, -1, 0});
    // .1 / 2 * ((.25 + 4) + (.25 + 0)) + .3 * 1
    assertEquals(0.1 / 2 * 4.5 + 0.3, added(0.1, 0.3, reference, generated), 1e-12);
    Sides with = ResidualLoss.over(CriticLoss.LOGISTIC, config(0.1, 0.3), reference, generated);
    Sides without = logistic(reference, generated);
    double[] ofReferences = new double[2];
    double[] ofGenerated = new double[3];
    for (int i = 0; i < 3; i++) {
      ofGenerated[i] = with.generated()[i] - without.generated()[i];
    }
    for (int i = 0; i < 2; i++) {
      ofReferences[i] = with.reference()[i] - without.reference()[i];
    }
    // 2 * .05 * .5 twice, and 2 * .3 * 1
    assertArrayEquals(new double[] {0.1, 0.6}, ofReferences, 1e-12);
    assertArrayEquals(new double[] {0.2, 0, 0}, ofGenerated, 1e-12);
  }

  /** The hinge of a reference at .5 + .25 and of a generated image at -2 + .5. */
  @ParameterizedTest
  @EnumSource
  void shouldPutTheSumIntoEveryLoss(CriticLoss loss) {
    Side reference = side(0.5f, 0.25f);
    Side generated = side(-2, 0.5f);
    Sides sides = ResidualLoss.over(loss, config(0, 0), reference, generated);
    assertEquals(loss.of(0.75, -1.5), sides.loss(), 1e-15);
    assertEquals(loss.referenceSlope(0.75, -1.5), sides.reference()[0], 1e-15);
    assertEquals(loss.generatedSlope(0.75, -1.5), sides.generated()[0], 1e-15);
    assertEquals(
        0.25, ResidualLoss.over(CriticLoss.HINGE, config(0, 0), reference, generated).loss());
  }

  @ParameterizedTest
  @EnumSource
  void shouldHaveSlopesThatAreDerivatives(CriticLoss loss) {
    ResidualConfig config = config(0.2, 0.7);
    float[] priorReference = {1, -0.5f};
    float[] priorGenerated = {0.5f, 0.25f, -1};
    float[] reference = {0.3f, -0.7f};
    float[] generated = {-0.4f, 0.6f, 1.1f};
    Sides sides =
        ResidualLoss.over(
            loss, config, new Side(priorReference, reference), new Side(priorGenerated, generated));
    float h = 1f / 1024;
    for (int i = 0; i < 5; i++) {
      double[] losses = new double[2];
      for (int k = 0; k < 2; k++) {
        float[] r = reference.clone();
        float[] g = generated.clone();
        float by = k == 0 ? h : -h;
        if (i < 2) {
          r[i] += by;
        } else {
          g[i - 2] += by;
        }
        losses[k] =
            ResidualLoss.over(
                    loss, config, new Side(priorReference, r), new Side(priorGenerated, g))
                .loss();
      }
      double slope = i < 2 ? sides.reference()[i] : sides.generated()[i - 2];
      assertEquals((losses[0] - losses[1]) / (2 * h), slope, 1e-4, loss + " " + i);
    }
  }

  /**
   * Priors 1, 3 with logits -2, -6: as opposed as can be. Of pairs (2, 1) and (2, 3) one agrees.
   */
  @Test
  void shouldReportWhatTheResidualAddsToThePrior() {
    Side reference = new Side(new float[] {2, 2}, new float[] {1, 0});
    Side generated = new Side(new float[] {1, 3}, new float[] {-2, -6});
    ResidualReport report = ResidualReport.of(reference, generated);
    assertEquals(2, report.priorReference());
    assertEquals(2, report.priorGenerated());
    assertEquals(0.5, report.reference());
    assertEquals(-4, report.generated());
    assertEquals(-1, report.correlation(), 1e-12);
    assertEquals(0.5, report.disagrees());
    assertTrue(
        Double.isNaN(ResidualReport.of(generated, reference).correlation()), "of a constant");
  }

  @Test
  void shouldStandardiseOverTheReferences() {
    // Mean 2, and a mean square of (1 + 1 + 4 + 4) / 4 = 2.5 around it
    ResidualConfig turned = new ResidualConfig("x", -3, true, 0, 0);
    PriorTerm term = PriorTerm.of(turned, new float[] {1, 3, 0, 4});
    assertEquals(new PriorTerm(turned, 2, (float) Math.sqrt(2.5)), term);
    assertEquals(term, PriorTerm.of(turned, new NamedTensors(term.tensors())));
    Tensor scores = new Tensor(new long[] {2, 1}, new float[] {4, 2});
    FeatureBatch batch =
        new FeatureBatch(2, new NamedTensors(Map.of("prior", scores)), new float[0][]);
    float root = (float) Math.sqrt(2.5);
    assertArrayEquals(new float[] {-3 * 2 / root, 0}, term.of(batch), 1e-6f);
    Head.Input two = new Head.Input("global", "out", 2, new float[] {5, 6, 7, 8}, new float[0][]);
    assertArrayEquals(new float[] {5, 6, 2 / root, 7, 8, 0}, term.beside(two, batch).x(), 1e-6f);
    String told =
        assertThrows(
                IllegalArgumentException.class, () -> PriorTerm.of(turned, new float[] {5, 5, 5}))
            .getMessage();
    assertTrue(told.contains("\"x\" gives 3 references") && told.contains("mean of 5.0"), told);
  }

  @Test
  void shouldRefuseScalesAndWeightsThatMeanNothing() {
    for (double scale : new double[] {0, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThrows(
          IllegalArgumentException.class, () -> new ResidualConfig("x", scale, true, 0, 0));
    }
    assertThrows(IllegalArgumentException.class, () -> config(-0.1, 0));
    assertThrows(IllegalArgumentException.class, () -> config(0, Double.NaN));
    assertThrows(
        IllegalArgumentException.class, () -> new Side(new float[] {1}, new float[] {1, 2}));
  }
}
