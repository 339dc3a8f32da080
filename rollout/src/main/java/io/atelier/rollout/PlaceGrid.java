package io.atelier.rollout;

import java.util.ArrayList;
import java.util.List;

/**
 * The places of an image: {@value #SIDE} by {@value #SIDE} regions of equal size, row by row,
 * whatever the image's size, so that a map of any side can be laid over latents of any other. A
 * cell of a map belongs to the region that contains its centre. On 8 x 8 latents a place is a 2 x 2
 * patch; where a side is not divisible, rows and columns of places differ by one cell.
 */
public final class PlaceGrid {

  /** Places in a row, and in a column. */
  public static final int SIDE = 4;

  /** Places of an image. */
  public static final int COUNT = SIDE * SIDE;

  private PlaceGrid() {}

  /**
   * The place of each cell of a map, (rows x columns).
   *
   * @throws IllegalArgumentException if there are too few cells for each place to have one
   */
  public static int[] of(int rows, int columns) {
    requireCells(rows, columns);
    int[] places = new int[Math.multiplyExact(rows, columns)];
    for (int i = 0; i < places.length; i++) {
      places[i] = field(i / columns, rows) * SIDE + field(i % columns, columns);
    }
    return places;
  }

  /** Fails unless a map has a cell in each place. */
  public static void requireCells(int rows, int columns) {
    if (rows < SIDE || columns < SIDE) {
      throw new IllegalArgumentException(
          "%d x %d cells are fewer than the %d x %d places of an image"
              .formatted(rows, columns, SIDE, SIDE));
    }
  }

  /**
   * The mean of a map over each place, {@link #COUNT} of them. A place without a cell centre has
   * the value of the cell that contains the place's centre.
   *
   * @param values the map's cells, row by row
   */
  public static double[] means(double[] values, int rows, int columns) {
    double[] means = new double[COUNT];
    for (int p = 0; p < COUNT; p++) {
      List<Integer> down = cells(p / SIDE, rows);
      List<Integer> across = cells(p % SIDE, columns);
      double sum = 0;
      for (int row : down) {
        for (int column : across) {
          sum += values[row * columns + column];
        }
      }
      means[p] = sum / (down.size() * across.size());
    }
    return means;
  }

  private static int field(int cell, int cells) {
    return (2 * cell + 1) * SIDE / (2 * cells);
  }

  private static List<Integer> cells(int field, int cells) {
    List<Integer> own = new ArrayList<>();
    for (int cell = 0; cell < cells; cell++) {
      if (field(cell, cells) == field) {
        own.add(cell);
      }
    }
    return own.isEmpty() ? List.of((2 * field + 1) * cells / (2 * SIDE)) : own;
  }
}
