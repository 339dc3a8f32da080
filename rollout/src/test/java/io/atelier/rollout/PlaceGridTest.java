package io.atelier.rollout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PlaceGridTest {

  @Test
  void shouldCutLatentsOfEightIntoPatchesOfTwo() {
    int[] places = PlaceGrid.of(8, 8);
    assertArrayEquals(new int[] {0, 0, 1, 1, 2, 2, 3, 3}, Arrays.copyOf(places, 8));
    assertArrayEquals(new int[] {4, 4, 5, 5}, Arrays.copyOfRange(places, 16, 20));
    assertEquals(15, places[63]);
  }

  @Test
  void shouldCutAnySizeIntoFieldsOfOneSizeAsFarAsItDivides() {
    // centres of five cells at .1, .3, .5, .7 and .9: the middle one lies where the third begins
    assertArrayEquals(new int[] {0, 1, 2, 2, 3}, Arrays.copyOf(PlaceGrid.of(4, 5), 5));
    int[] counts = new int[PlaceGrid.COUNT];
    for (int place : PlaceGrid.of(90, 128)) {
      counts[place]++;
    }
    for (int p = 0; p < PlaceGrid.COUNT; p++) {
      assertTrue(counts[p] == 22 * 32 || counts[p] == 23 * 32, Arrays.toString(counts));
    }
  }

  @Test
  void shouldTakeMeansOfMapsOfAnySide() {
    double[] eight = new double[64];
    Arrays.setAll(eight, i -> i);
    double[] means = PlaceGrid.means(eight, 8, 8);
    assertEquals((0 + 1 + 8 + 9) / 4.0, means[0]);
    assertEquals((54 + 55 + 62 + 63) / 4.0, means[15]);
    assertEquals((18 + 19 + 26 + 27) / 4.0, means[5]);
    double[] coarse = PlaceGrid.means(new double[] {1, 2, 3, 4}, 2, 2);
    assertArrayEquals(new double[] {1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4}, coarse);
  }

  @Test
  void shouldRefuseLatentsThatHaveFewerCellsThanPlaces() {
    assertEquals(PlaceGrid.COUNT, PlaceGrid.of(4, 4).length);
    String message =
        assertThrows(IllegalArgumentException.class, () -> PlaceGrid.of(3, 4)).getMessage();
    assertTrue(message.contains("3 x 4 cells are fewer than the 4 x 4 places"), message);
  }
}
