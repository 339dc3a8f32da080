package io.atelier.learner.grpo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.atelier.rollout.PlaceGrid;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepGroupsTest {

  @Test
  void shouldTakeMeansOverTrainedStepsAndPlaces() {
    double[][] steps = {{1, -1, 0.5, 2}, {3, -2, 0.5, -4}};
    List<double[]> means = StepGroups.means(steps, new double[0], 2);
    assertEquals(2, means.size());
    assertArrayEquals(new double[] {2, -1.5}, means.get(0), 1e-12);
    assertArrayEquals(new double[] {0.5, -1}, means.get(1), 1e-12);
    double[] places = new double[4 * PlaceGrid.COUNT];
    places[PlaceGrid.COUNT] = 8; // one of the 16 places of the second sample
    List<double[]> moved = StepGroups.means(steps, places, 2);
    assertArrayEquals(new double[] {2, -1}, moved.get(0), 1e-12);
    assertArrayEquals(new double[] {0.5, -1}, moved.get(1), 1e-12);
  }
}
