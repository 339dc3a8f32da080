package io.atelier.actors.run.alarm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class FlatGroupsTest {

  @Test
  void shouldCountStepsRunningInWhichEveryGroupIsFlat() {
    FlatGroups flat = new FlatGroups();
    assertEquals(
        List.of(1, 2, 0, 1, 0, 1, 0),
        DoubleStream.of(1, 1, .99, 1, Double.NaN, 1, 0).mapToObj(flat::step).toList());
  }
}
