package io.atelier.models.sd3;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.TorchOps;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Passes of an autoencoder with memory that does not grow with the image: an input with a side
 * larger than a tile is processed in overlapping tiles, whose results are blended linearly. A
 * smaller one is processed whole.
 *
 * @param size rows and columns of a tile, in elements of the input
 * @param overlap rows or columns that neighbours share at least; positive and less than {@code
 *     size}
 */
record VaeTiles(int size, int overlap) {

  /**
   * @param x (B, channels, rows, columns); its manager owns the result
   * @param pass scales rows and columns by a fixed factor
   */
  NDArray apply(NDArray x, UnaryOperator<NDArray> pass) {
    long[] in = x.getShape().getShape();
    List<Long> tops = starts(in[2]);
    List<Long> lefts = starts(in[3]);
    if (tops.size() == 1 && lefts.size() == 1) {
      return pass.apply(x);
    }
    Sum sum = null;
    for (long top : tops) {
      for (long left : lefts) {
        try (NDManager work = x.getManager().newSubManager()) {
          NDArray rows = TorchOps.slice(x, 2, top, Math.min(in[2], top + size));
          rows.attach(work);
          NDArray tile = TorchOps.slice(rows, 3, left, Math.min(in[3], left + size));
          NDArray passed = pass.apply(tile);
          if (sum == null) {
            sum = new Sum(in, tile.getShape().getShape(), passed.getShape().getShape());
          }
          sum.add(Host.floats(passed), top, left);
        }
      }
    }
    return sum.mean(x.getManager());
  }

  /** Start of each tile along a side; the last one ends with the side. */
  private List<Long> starts(long extent) {
    List<Long> starts = new ArrayList<>();
    for (long start = 0; start + size < extent; start += size - overlap) {
      starts.add(start);
    }
    starts.add(Math.max(0, extent - size));
    return starts;
  }

  /** The mean of tiles, each weighted by the distance of a position from the tile's edge. */
  private final class Sum {
    private final long[] out;
    private final long[] tile;
    private final double scale;
    private final float[] values;
    private final float[] weights;

    Sum(long[] in, long[] tileIn, long[] tile) {
      this.scale = tile[2] / (double) tileIn[2];
      this.tile = tile;
      this.out =
          new long[] {tile[0], tile[1], Math.round(in[2] * scale), Math.round(in[3] * scale)};
      this.values = new float[NamedTensors.elements(out)];
      this.weights = new float[NamedTensors.elements(out[2], out[3])];
    }

    void add(float[] passed, long topIn, long leftIn) {
      int top = (int) Math.round(topIn * scale);
      int left = (int) Math.round(leftIn * scale);
      int rows = (int) tile[2];
      int columns = (int) tile[3];
      int width = (int) out[3];
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          float weight = edge(r, rows) * edge(c, columns);
          int place = (top + r) * width + left + c;
          weights[place] += weight;
          for (int plane = 0; plane < tile[0] * tile[1]; plane++) {
            values[plane * weights.length + place] +=
                weight * passed[(plane * rows + r) * columns + c];
          }
        }
      }
    }

    /** Weight along one side: rises over the overlap's width, then 1. */
    private float edge(int place, int extent) {
      double distance = Math.min(place, extent - 1 - place) + 0.5;
      return (float) Math.min(1, distance / (overlap * scale));
    }

    NDArray mean(NDManager owner) {
      for (int i = 0; i < values.length; i++) {
        values[i] /= weights[i % weights.length];
      }
      return Host.toNative(owner, values, out);
    }
  }
}
