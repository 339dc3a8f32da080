package io.atelier.actors.people;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.people.PairOrder.Showing;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PairOrderTest {

  @Test
  void shouldShowEveryPairOnceAndEveryTenthAgainWithSidesSwapped() {
    List<Showing> order = PairOrder.of(40, 7);
    assertEquals(44, order.size());
    List<Showing> first = order.stream().filter(each -> each.repeats() < 0).toList();
    assertEquals(
        IntStream.range(0, 40).boxed().toList(),
        first.stream().map(Showing::pair).sorted().toList());
    long swapped = first.stream().filter(Showing::swapped).count();
    assertTrue(swapped > 10 && swapped < 30, "sides are drawn: " + swapped);
    for (int i = 0; i < order.size(); i++) {
      Showing each = order.get(i);
      assertEquals(i % 10 == 9, each.repeats() >= 0, "showing " + i);
      if (each.repeats() >= 0) {
        Showing before = order.get(each.repeats());
        assertEquals(before.pair(), each.pair());
        assertEquals(!before.swapped(), each.swapped());
        assertTrue(each.repeats() >= i - 9 && each.repeats() <= i - 3, "not just seen");
      }
    }
  }

  @Test
  void shouldBeTheSameForTheSameSeedAlone() {
    assertEquals(PairOrder.of(12, -3), PairOrder.of(12, -3));
    assertNotEquals(PairOrder.of(12, -3), PairOrder.of(12, 3));
    assertEquals(List.of(), PairOrder.of(0, 1));
  }
}
