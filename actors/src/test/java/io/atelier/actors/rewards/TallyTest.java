package io.atelier.actors.rewards;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.atelier.reward.judge.PairJudge.Judged;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class TallyTest {

  private static OptionalDouble a(double probability) {
    return OptionalDouble.of(probability);
  }

  /** (.832018 + (1 - .574443)) / 2. */
  @Test
  void shouldBeTheMeanOfBothOrders() {
    Tally tally = new Tally(1, true);
    tally.add(0, false, a(1 / (1 + Math.exp(-1.8 + 0.2))));
    tally.add(0, true, a(1 / (1 + Math.exp(-0.9 + 0.6))));
    Judged judged = tally.judged().orElseThrow();
    assertEquals(0.628788, judged.firstBetter()[0], 5e-7);
    assertEquals(0.703230, judged.measured().get("shown-first"), 1e-6); // (.832018 + .574443) / 2
    assertEquals(0, judged.measured().get("agreement"));
    assertEquals(0, judged.measured().get("unread"));
  }

  @Test
  void shouldFindNobodyBetterIfTheFirstOneAlwaysIs() {
    Tally tally = new Tally(2, true);
    for (int match = 0; match < 2; match++) {
      tally.add(match, false, a(1));
      tally.add(match, true, a(1));
    }
    Judged judged = tally.judged().orElseThrow();
    assertArrayEquals(new double[] {0.5, 0.5}, judged.firstBetter());
    assertEquals(Map.of("shown-first", 1.0, "agreement", 0.0, "unread", 0.0), judged.measured());
  }

  /** Three of four votes of one order, one of one of the other: (.75 + 1) / 2. */
  @Test
  void shouldCountVotesByOrder() {
    Tally tally = new Tally(1, true);
    for (double vote : new double[] {1, 1, 0, 1}) {
      tally.add(0, false, a(vote));
    }
    tally.add(0, true, a(0));
    tally.add(0, true, OptionalDouble.empty());
    Judged judged = tally.judged().orElseThrow();
    assertEquals(0.875, judged.firstBetter()[0]);
    assertEquals(1.0 / 6, judged.measured().get("unread"), 1e-12);
    assertEquals(1, judged.measured().get("agreement"));
    assertEquals(1, tally.unread());
  }

  @Test
  void shouldHaveNoAnswerIfAnOrderHasNone() {
    Tally tally = new Tally(1, true);
    tally.add(0, false, a(1));
    tally.add(0, true, OptionalDouble.empty());
    assertEquals(Optional.empty(), tally.judged());
  }

  @Test
  void shouldTakeOneOrderForAllIfThatIsAsked() {
    Tally tally = new Tally(1, false);
    tally.add(0, false, a(0.8));
    Judged judged = tally.judged().orElseThrow();
    assertArrayEquals(new double[] {0.8}, judged.firstBetter());
    assertEquals(Map.of("shown-first", 0.8, "unread", 0.0), judged.measured());
  }
}
