package io.atelier.reward.verifier;

import java.util.ArrayDeque;
import java.util.Deque;

/** Connected components of pixels that touch at a side or a corner. */
final class Components {

  /** A component is counted if it is at least 1 / this of the image; smaller ones are specks. */
  private static final int PART = 200;

  private Components() {}

  /**
   * Returns the number of components, without specks.
   *
   * @param drawn (height, width) which pixels count
   */
  static int count(boolean[] drawn, int height, int width) {
    boolean[] seen = new boolean[drawn.length];
    int count = 0;
    for (int i = 0; i < drawn.length; i++) {
      if (drawn[i] && !seen[i]) {
        count += PART * (long) area(i, drawn, seen, height, width) >= drawn.length ? 1 : 0;
      }
    }
    return count;
  }

  /** Marks all pixels of the component that contains {@code first}; returns their number. */
  private static int area(int first, boolean[] drawn, boolean[] seen, int height, int width) {
    Deque<Integer> waiting = new ArrayDeque<>();
    seen[first] = true;
    waiting.add(first);
    int area = 0;
    while (!waiting.isEmpty()) {
      int at = waiting.remove();
      area++;
      for (int row = Math.max(0, at / width - 1);
          row <= Math.min(height - 1, at / width + 1);
          row++) {
        for (int column = Math.max(0, at % width - 1);
            column <= Math.min(width - 1, at % width + 1);
            column++) {
          int next = row * width + column;
          if (drawn[next] && !seen[next]) {
            seen[next] = true;
            waiting.add(next);
          }
        }
      }
    }
    return area;
  }
}
