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
 * mean that of the image, each place counted by its cells: so the mean weight of an image's
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
   * What is added to the advantage of each place, (n, P), by numbers that are held against each
   * other as they are.
   *
   * @param u (n, P)
   * @param rows of the latents of an image
   * @param columns of them
   */
  public static double[] of(double[] u, int rows, int columns, double alpha) {
    return Arrays.stream(u).allMatch(own -> own == u[0])
        ? new double[u.length]
        : scaled(u, Advantages.std(u), cells(rows, columns), alpha);
  }

  /**
   * The same by scores of places, each held against those of its image.
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
   * The formula for a deviation that is known.
   *
   * @param cells of each place, P, which it counts by in the mean of its image
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
   * The numbers u of CONTRAST, or of CONTRAST_RAW, (B, P).
   *
   * @param kernel the step
   * @param guided velocities of both branches
   * @param mean of the guided step, (B, channels, height, width)
   * @param next where it went
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

  /** How many each place has. */
  private static int[] cells(int rows, int columns) {
    int[] cells = new int[PlaceGrid.COUNT];
    for (int place : PlaceGrid.of(rows, columns)) {
      cells[place]++;
    }
    return cells;
  }
}
