package io.atelier.learner.loss;

import ai.djl.ndarray.NDArray;
import io.atelier.learner.advantage.Advantages;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.TorchOps;
import io.atelier.rollout.PlaceGrid;
import io.atelier.rollout.flow.StepKernel;
import java.util.Arrays;

/**
 * Credit that the places of an image get in addition to its advantage A, in double precision. From
 * one number u for each of the P places of {@link PlaceGrid},
 *
 * <p>{@code rhat = sigmoid(u / std(u)) - 1/2}, {@code weight = A + alpha (rhat - mean rhat)},
 *
 * <p>where std is the population standard deviation over all images given at once, and the mean is
 * that of the image, each place weighted by its cells: so the mean weight of an image's elements is
 * A, and credit is moved, not added. If all u are equal, nothing is moved. Source: the token-level
 * regulariser of T-REG (arXiv 2412.02685), which uses it as a separate reward; the centring, and u
 * for denoising steps, are Atelier's.
 *
 * <p>For a step with both branches of guidance with scale g, let {@code delta = mu_c - mu_u} be the
 * difference of the means that each branch alone gives, and {@code n = next - mu} the noise that
 * was drawn. Then u is the mean over the place's elements of
 *
 * <ul>
 *   <li>CONTRAST: {@code 2 delta n}.
 *   <li>CONTRAST_RAW: {@code (next - mu_u)^2 - (next - mu_c)^2 = (2 g - 1) delta^2 + 2 delta n}.
 * </ul>
 *
 * <p>With CRITIC, u is the score of the place minus the mean score of the image's places.
 */
public final class PlaceCredit {

  private PlaceCredit() {}

  /**
   * Returns the amounts added to the advantage at each place, (n, P), without centring u first.
   *
   * @param u (n, P)
   * @param rows rows of an image's latents
   * @param columns columns of an image's latents
   */
  public static double[] of(double[] u, int rows, int columns, double alpha) {
    return Arrays.stream(u).allMatch(own -> own == u[0])
        ? new double[u.length]
        : scaled(u, Advantages.std(u), cells(rows, columns), alpha);
  }

  /**
   * The same from place scores, minus the mean over their image.
   *
   * @param scores (n, P)
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
    return of(u, rows, columns, alpha);
  }

  /**
   * Computes the formula for a given standard deviation.
   *
   * @param cells number of cells of each place, P, its weight in the mean of the image
   */
  static double[] scaled(double[] u, double std, int[] cells, double alpha) {
    int all = Arrays.stream(cells).sum();
    double[] moved = new double[u.length];
    for (int from = 0; from < u.length; from += cells.length) {
      double sum = 0;
      for (int p = 0; p < cells.length; p++) {
        moved[from + p] = 1 / (1 + StrictMath.exp(-u[from + p] / std)) - 0.5;
        sum += cells[p] * moved[from + p];
      }
      for (int p = 0; p < cells.length; p++) {
        moved[from + p] = alpha * (moved[from + p] - sum / all);
      }
    }
    return moved;
  }

  /**
   * Returns the numbers u of CONTRAST or CONTRAST_RAW, (B, P).
   *
   * @param kernel the step
   * @param guided velocities of both branches
   * @param mean of the guided step, (B, channels, height, width)
   * @param next latents after the step, of the same shape
   */
  public static double[] contrast(
      PlaceSource source,
      StepKernel kernel,
      StepSamples.Branches guided,
      NDArray mean,
      NDArray next) {
    double raw = source == PlaceSource.CONTRAST_RAW ? 2 * guided.guidance() - 1 : 0;
    NDArray numbers = Host.toNative(mean.getManager(), new double[] {kernel.velocityScale(), raw});
    double[] sums =
        Host.doubles(TorchOps.call("branch_contrast", guided.velocities(), mean, next, numbers));
    long[] shape = mean.getShape().getShape(); // (B, channels, height, width)
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
    return u;
  }

  /** Returns the number of cells of each place. */
  private static int[] cells(int rows, int columns) {
    int[] cells = new int[PlaceGrid.COUNT];
    for (int place : PlaceGrid.of(rows, columns)) {
      cells[place]++;
    }
    return cells;
  }
}
