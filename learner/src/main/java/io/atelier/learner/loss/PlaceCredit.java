package io.atelier.learner.loss;

import ai.djl.ndarray.NDArray;
import io.atelier.learner.advantage.Advantages;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.TorchOps;
import io.atelier.rollout.PlaceGrid;
import io.atelier.rollout.flow.StepKernel;
import java.util.Arrays;

/**
 * What the places of an image get beside its advantage A, in double precision. Of a number u for
 * each of the P places of {@link PlaceGrid},
 *
 * <p>{@code rhat = sigmoid(u / std(u)) - 1/2}, {@code weight = A + alpha (rhat - mean rhat)},
 *
 * <p>the deviation being that of a population, over all images that are told apart at once, and the
 * mean that of the image, each place counted by its elements: so the mean weight of an image's
 * elements is A, and credit is moved, not added. Where all u are equal nothing is moved. Source:
 * the token-level regulariser of T-REG (arXiv 2412.02685), there a reward of its own; that it is
 * centred, and u for denoising steps, are Atelier's.
 *
 * <p>With both branches of the guidance g at a step, {@code delta = mu_c - mu_u} the difference of
 * the means that they alone give and {@code n = next - mu} the noise that was drawn, u is the mean
 * over the place's elements of
 *
 * <ul>
 *   <li>CONTRAST: {@code 2 delta n}.
 *   <li>CONTRAST_RAW: {@code (next - mu_u)^2 - (next - mu_c)^2 = (2 g - 1) delta^2 + 2 delta n}.
 * </ul>
 *
 * <p>With CRITIC it is a score of the place less the mean score of the image's places.
 */
public final class PlaceCredit {

  private PlaceCredit() {}

  /**
   * What is added to the advantage of each place, (n, P).
   *
   * @param u (n, P)
   * @param elements of each place, P, all above 0
   */
  public static double[] of(double[] u, int[] elements, double alpha) {
    double[] moved = new double[u.length];
    if (Arrays.stream(u).allMatch(own -> own == u[0])) {
      return moved;
    }
    double std = Advantages.std(u);
    int total = Arrays.stream(elements).sum();
    for (int from = 0; from < u.length; from += elements.length) {
      double mean = 0;
      for (int p = 0; p < elements.length; p++) {
        moved[from + p] = 1 / (1 + StrictMath.exp(-u[from + p] / std)) - 0.5;
        mean += elements[p] * moved[from + p] / total;
      }
      for (int p = 0; p < elements.length; p++) {
        moved[from + p] = alpha * (moved[from + p] - mean);
      }
    }
    return moved;
  }

  /**
   * The same of scores, for images whose latents have so many rows and columns.
   *
   * @param scores of each place, (n, P)
   */
  public static double[] ofScores(double[] scores, int rows, int columns, double alpha) {
    double[] u = scores.clone();
    for (int from = 0; from < u.length; from += PlaceGrid.COUNT) {
      int end = from + PlaceGrid.COUNT;
      double mean = Arrays.stream(scores, from, end).sum() / PlaceGrid.COUNT;
      for (int i = from; i < end; i++) {
        u[i] -= mean;
      }
    }
    return of(u, elements(PlaceGrid.of(rows, columns)), alpha);
  }

  /**
   * The same by what both branches of the guidance say of a step, (B, P).
   *
   * @param branches velocities of both, (2 B, channels, height, width), those without prompt first
   * @param mean of the guided step, (B, channels, height, width)
   * @param next where it went
   * @param guidance scale g
   */
  static double[] ofStep(
      PlaceConfig config,
      StepKernel kernel,
      NDArray branches,
      NDArray mean,
      NDArray next,
      double guidance) {
    double raw = config.source() == PlaceSource.CONTRAST_RAW ? 2 * guidance - 1 : 0;
    NDArray numbers = Host.toNative(mean.getManager(), new double[] {kernel.velocityScale(), raw});
    double[] sums = Host.doubles(TorchOps.call("branch_contrast", branches, mean, next, numbers));
    long[] shape = mean.getShape().getShape();
    int rows = (int) shape[2];
    int columns = (int) shape[3];
    int cells = rows * columns;
    double[] u = new double[(int) shape[0] * PlaceGrid.COUNT];
    for (int i = 0; i < shape[0]; i++) {
      double[] own = Arrays.copyOfRange(sums, i * cells, (i + 1) * cells);
      for (int cell = 0; cell < cells; cell++) {
        own[cell] /= shape[1];
      }
      double[] means = PlaceGrid.means(own, rows, columns);
      System.arraycopy(means, 0, u, i * PlaceGrid.COUNT, PlaceGrid.COUNT);
    }
    return of(u, elements(PlaceGrid.of(rows, columns)), config.alpha());
  }

  /** Cells in each place. */
  private static int[] elements(int[] places) {
    int[] elements = new int[PlaceGrid.COUNT];
    for (int place : places) {
      elements[place]++;
    }
    return elements;
  }
}
