package io.atelier.models.sd3;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VaeTilesTest {

  private static final VaeTiles TILES = new VaeTiles(16, 6);

  private static NDArray ramp(NDManager scope, int rows, int columns) {
    float[] values = new float[2 * rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(i * 0.37) + i % 11;
    }
    return Host.toNative(scope, values, 2, 1, rows, columns);
  }

  private static NDArray doubled(NDArray x) {
    return x.repeat(2, 2).repeat(3, 2);
  }

  @ParameterizedTest
  @CsvSource({"16, 16, 1", "9, 3, 1", "17, 16, 2", "26, 26, 4", "27, 40, 12", "40, 5, 4"})
  void shouldCoverEveryPlaceWithTilesNoLargerThanTheirSize(int rows, int columns, int tiles) {
    Torch.enter(false);
    try (NDManager scope = Torch.newScope()) {
      NDArray x = ramp(scope, rows, columns);
      List<Long> sizes = new ArrayList<>();
      UnaryOperator<NDArray> pass =
          tile -> {
            sizes.add(Math.max(tile.getShape().get(2), tile.getShape().get(3)));
            return doubled(tile);
          };
      NDArray y = TILES.apply(x, pass);
      assertEquals(doubled(x).getShape(), y.getShape());
      assertArrayEquals(doubled(x).toFloatArray(), y.toFloatArray(), 1e-5f);
      assertEquals(tiles, sizes.size());
      assertTrue(sizes.stream().allMatch(size -> size <= 16), sizes::toString);
    }
  }

  @ParameterizedTest
  @CsvSource({"26, 16", "16, 26"})
  void shouldGoOverFromOneTileIntoTheNext(int rows, int columns) {
    Torch.enter(false);
    try (NDManager scope = Torch.newScope()) {
      int[] calls = {0};
      NDArray x = Host.toNative(scope, new float[rows * columns], 1, 1, rows, columns);
      float[] y = TILES.apply(x, tile -> tile.add(calls[0]++)).toFloatArray();
      int step = columns > 16 ? 1 : columns;
      assertEquals(0, y[0]);
      assertEquals(1, y[y.length - 1]);
      float before = 0;
      int between = 0;
      for (int i = 0; i < y.length; i += step) {
        if (i % columns == 0 && step == 1 && i > 0) {
          break;
        }
        assertTrue(y[i] >= before, "no place is darker than the one before");
        assertTrue(y[i] - before < 0.35f, "no edge is seen");
        before = y[i];
        between += y[i] > 0 && y[i] < 1 ? 1 : 0;
      }
      assertTrue(between >= 2, "places that both tiles have a part in: " + between);
    }
  }
}
