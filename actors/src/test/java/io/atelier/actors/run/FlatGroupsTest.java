package io.atelier.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FlatGroupsTest {

  private final FlatGroups flat = new FlatGroups();

  /** The places in a row of steps after which something is said. */
  private List<Integer> said(double... shares) {
    List<Integer> said = new ArrayList<>();
    for (int i = 0; i < shares.length; i++) {
      if (flat.step(shares[i]).isPresent()) {
        said.add(i);
      }
    }
    return said;
  }

  @Test
  void shouldSaySoOnceForEachStretch() {
    assertEquals(List.of(2, 8), said(1, 1, 1, 1, 1, .5, 1, 1, 1, 1));
    assertEquals(4, flat.steps());
  }

  @Test
  void shouldSayNothingOfARunThatLearnsNowAndThen() {
    assertEquals(List.of(), said(1, 1, .99, 1, 1, Double.NaN, 1, 1, 0));
    assertEquals(0, flat.steps());
  }
}
