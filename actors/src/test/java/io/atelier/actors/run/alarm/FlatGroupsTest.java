package io.atelier.actors.run.alarm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class FlatGroupsTest {

  private static RunCurves curves(Map<Integer, Map<String, Double>> steps) {
    return new RunCurves(new TreeMap<>(steps), new TreeMap<>());
  }

  @Test
  void shouldCountStepsInARow() {
    FlatGroups flat = new FlatGroups(curves(Map.of()));
    assertEquals(1, flat.step(1));
    assertEquals(2, flat.step(1));
    assertEquals(0, flat.step(0.75));
    assertEquals(1, flat.step(1));
    assertEquals(0, flat.step(Double.NaN));
  }

  @Test
  void shouldGoOnWithTheCountOfARunThatIsResumed() {
    Map<String, Double> third = Map.of(FlatGroups.KEY, 3.0);
    FlatGroups flat = new FlatGroups(curves(Map.of(1, Map.of(FlatGroups.KEY, 1.0), 3, third)));
    assertEquals(4, flat.step(1));
    assertEquals(1, new FlatGroups(curves(Map.of(3, Map.of("step", 3.0)))).step(1));
  }
}
