package io.atelier.tests.learner;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import io.atelier.learner.loss.Clip;
import io.atelier.learner.loss.KlPenalty;
import io.atelier.learner.loss.LossConfig;
import io.atelier.learner.loss.PlaceConfig;
import io.atelier.learner.loss.PlaceCredit;
import io.atelier.learner.loss.PlaceSource;
import io.atelier.learner.loss.Staleness;
import io.atelier.learner.loss.StepLoss;
import io.atelier.learner.loss.StepSamples;
import io.atelier.models.tensor.Host;
import io.atelier.rollout.PlaceGrid;
import io.atelier.rollout.flow.SigmaSchedule;
import io.atelier.rollout.flow.StepKernel;
import io.atelier.rollout.flow.StepKind;
import io.atelier.tests.rollout.JavaStep;
import io.atelier.tests.toy.NativeScope;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The loss with weights by place, on latents of 2 channels that do not divide into places. */
class PlaceLossTest extends NativeScope {
  private static final SigmaSchedule TEN = SigmaSchedule.shifted(10, 3, 1000);
  private static final double WEIGHT = 1.0 / 6;
  private static final int BATCH = 3;
  private static final int CHANNELS = 2;
  private static final int ROWS = 6;
  private static final int COLUMNS = 5;
  private static final int CELLS = ROWS * COLUMNS;
  private static final int ELEMENTS = CHANNELS * CELLS;
  private static final double[] ADVANTAGES = {1.25, -0.5, 0};

  private final Random random = new Random(5);
  private final float[] x = normals(BATCH * ELEMENTS);
  private final float[] v = normals(BATCH * ELEMENTS);
  private final float[] after = normals(BATCH * ELEMENTS);

  private float[] normals(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private NDArray latents(float[] values) {
    return Host.toNative(scope, values, values.length / ELEMENTS, CHANNELS, ROWS, COLUMNS);
  }

  private StepLoss.Outcome outcome(
      StepKernel kernel, PlaceConfig config, Optional<float[]> branches, double[] places) {
    float[] old = new float[BATCH];
    for (int i = 0; i < BATCH; i++) {
      old[i] = new JavaStep(kernel).logProb(x, v, after, i * ELEMENTS, ELEMENTS);
    }
    LossConfig loss =
        new LossConfig(Clip.of(1e-5), KlPenalty.VELOCITY, 0, false, Staleness.NONE, 0, config);
    return new StepLoss(loss)
        .of(
            new StepSamples(
                kernel,
                latents(x),
                latents(after),
                latents(v),
                Optional.empty(),
                Optional.empty(),
                old,
                new float[0],
                ADVANTAGES,
                branches.map(both -> new StepSamples.Branches(latents(both), 2)),
                places),
            WEIGHT);
  }

  private static PlaceConfig config(PlaceSource source) {
    return new PlaceConfig(source, 0.5);
  }

  private double[] moved() {
    double[] moved = new double[BATCH * PlaceGrid.COUNT];
    Arrays.setAll(moved, i -> 0.3 * random.nextGaussian());
    return moved;
  }

  /**
   * {@code -weight} times the sum over samples of the mean over elements of {@code (A + moved)} and
   * the element's log-probability, of which what does not depend on v is left out.
   */
  private double loss(StepKernel kernel, double[] velocity, double[] moved) {
    double scale = kernel.noiseScale();
    double precision = kernel.kind() == StepKind.SDE ? 1 / (2 * scale * scale) : 1;
    int[] places = PlaceGrid.of(ROWS, COLUMNS);
    double sum = 0;
    for (int i = 0; i < velocity.length; i++) {
      int sample = i / ELEMENTS;
      double mean = kernel.sampleScale() * x[i] + kernel.velocityScale() * velocity[i];
      double own = ADVANTAGES[sample] + moved[sample * PlaceGrid.COUNT + places[i % CELLS]];
      sum += own * precision * (after[i] - mean) * (after[i] - mean) / ELEMENTS;
    }
    return WEIGHT * sum;
  }

  @ParameterizedTest
  @EnumSource(
      value = StepKind.class,
      names = {"SDE", "CPS"})
  void shouldGiveTheGradientOfTheLossByFiniteDifferences(StepKind kind) {
    StepKernel kernel = StepKernel.of(kind, TEN, 2, 0.7);
    double[] moved = moved();
    double[] gradient =
        Host.doubles(
            outcome(kernel, config(PlaceSource.CRITIC), Optional.empty(), moved).gradient());
    double[] velocity = new double[v.length];
    Arrays.setAll(velocity, i -> v[i]);
    double largest = Arrays.stream(gradient).map(Math::abs).max().orElseThrow();
    double step = 1e-4;
    for (int i = 0; i < velocity.length; i++) {
      double here = velocity[i];
      velocity[i] = here + step;
      double above = loss(kernel, velocity, moved);
      velocity[i] = here - step;
      double below = loss(kernel, velocity, moved);
      velocity[i] = here;
      assertEquals((above - below) / (2 * step), gradient[i], 1e-6 * largest, "element " + i);
    }
  }

  /** In a sample without advantage nothing but the places counts. */
  @Test
  void shouldLearnFromPlacesOfAnImageThatCountsForNothing() {
    StepKernel kernel = StepKernel.of(StepKind.CPS, TEN, 2, 0.7);
    double[] gradient =
        Host.doubles(
            outcome(kernel, config(PlaceSource.CRITIC), Optional.empty(), moved()).gradient());
    assertTrue(Math.abs(gradient[2 * ELEMENTS]) > 0);
  }

  @Test
  void shouldHaveTheBitsOfOneAdvantageWhereNothingIsMoved() {
    StepKernel kernel = StepKernel.of(StepKind.CPS, TEN, 2, 0.7);
    double[] none = new double[0];
    StepLoss.Outcome plain = outcome(kernel, PlaceConfig.NONE, Optional.empty(), none);
    double[] nothing = new double[BATCH * PlaceGrid.COUNT];
    StepLoss.Outcome still = outcome(kernel, config(PlaceSource.CRITIC), Optional.empty(), nothing);
    assertEquals(plain.terms(), still.terms());
    assertArrayEquals(Host.doubles(plain.gradient()), Host.doubles(still.gradient()));
    float[] same = new float[2 * v.length]; // branches that agree
    System.arraycopy(v, 0, same, 0, v.length);
    System.arraycopy(v, 0, same, v.length, v.length);
    StepLoss.Outcome agreed =
        outcome(kernel, config(PlaceSource.CONTRAST), Optional.of(same), none);
    assertArrayEquals(Host.doubles(plain.gradient()), Host.doubles(agreed.gradient()));
  }

  /** delta = 1, g = 2 and noise of .5: 2 * .5 is kept, and 3 * 1 + 1 is raw. */
  @Test
  void shouldKeepOfTheContrastWhatTheNoiseDid() {
    StepKernel kernel = StepKernel.of(StepKind.CPS, TEN, 2, 0.7);
    float apart = (float) (1 / kernel.velocityScale());
    NDArray branches = Host.toNative(scope, halves(16, 0, apart), 2, 1, 4, 4);
    NDArray mean = Host.toNative(scope, halves(8, 3, 3), 1, 1, 4, 4);
    NDArray next = Host.toNative(scope, halves(8, 3.5f, 2.5f), 1, 1, 4, 4);
    StepSamples.Branches guided = new StepSamples.Branches(branches, 2);
    double[] kept = PlaceCredit.contrast(PlaceSource.CONTRAST, kernel, guided, mean, next);
    double[] raw = PlaceCredit.contrast(PlaceSource.CONTRAST_RAW, kernel, guided, mean, next);
    for (int p = 0; p < PlaceGrid.COUNT; p++) {
      assertEquals(p < 8 ? 1 : -1, kept[p], 1e-6);
      assertEquals(p < 8 ? 4 : 2, raw[p], 1e-6);
    }
  }

  /** As often the one as the other, one after the other. */
  private static float[] halves(int each, float one, float other) {
    float[] values = new float[2 * each];
    Arrays.fill(values, 0, each, one);
    Arrays.fill(values, each, values.length, other);
    return values;
  }

  /** The squares that the raw contrast stands for, element by element. */
  @Test
  void shouldContrastWhatTheBranchesSayOfTheStep() {
    StepKernel kernel = StepKernel.of(StepKind.SDE, TEN, 3, 0.7);
    float[] both = normals(2 * v.length);
    float[] guided = new float[v.length];
    for (int i = 0; i < v.length; i++) {
      guided[i] = both[i] + 2 * (both[v.length + i] - both[i]);
    }
    JavaStep step = new JavaStep(kernel);
    double[] expected = new double[BATCH * PlaceGrid.COUNT];
    int[] counts = new int[PlaceGrid.COUNT];
    int[] places = PlaceGrid.of(ROWS, COLUMNS);
    float[] conditional = Arrays.copyOfRange(both, v.length, both.length);
    for (int i = 0; i < v.length; i++) {
      double without = after[i] - step.mean(x, both, i);
      double with = after[i] - step.mean(x, conditional, i);
      int place = places[i % CELLS];
      expected[i / ELEMENTS * PlaceGrid.COUNT + place] += without * without - with * with;
      counts[place] += i < ELEMENTS ? 1 : 0;
    }
    for (int p = 0; p < expected.length; p++) {
      expected[p] /= counts[p % PlaceGrid.COUNT];
    }
    double[] raw =
        PlaceCredit.contrast(
            PlaceSource.CONTRAST_RAW,
            kernel,
            new StepSamples.Branches(latents(both), 2),
            latents(step.means(x, guided)),
            latents(after));
    assertArrayEquals(expected, raw, 1e-5);
  }

  @Test
  void shouldMoveByTheContrastAsByGivenNumbers() {
    StepKernel kernel = StepKernel.of(StepKind.CPS, TEN, 2, 0.7);
    float[] both = normals(2 * v.length);
    StepSamples.Branches branches = new StepSamples.Branches(latents(both), 2);
    NDArray mean = kernel.mean(latents(x), latents(v));
    double[] u = PlaceCredit.contrast(PlaceSource.CONTRAST, kernel, branches, mean, latents(after));
    double[] moved = PlaceCredit.of(u, ROWS, COLUMNS, 0.5);
    assertTrue(Arrays.stream(moved).map(Math::abs).max().orElseThrow() > 0.1);
    assertArrayEquals(
        Host.doubles(
            outcome(kernel, config(PlaceSource.CRITIC), Optional.empty(), moved).gradient()),
        Host.doubles(
            outcome(kernel, config(PlaceSource.CONTRAST), Optional.of(both), new double[0])
                .gradient()));
  }
}
