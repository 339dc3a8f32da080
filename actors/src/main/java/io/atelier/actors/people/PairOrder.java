package io.atelier.actors.people;

import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.rollout.noise.RandomStream;
import java.util.ArrayList;
import java.util.List;

/**
 * In which order one person is shown some pairs, and which picture is on which side. Every tenth
 * showing is one of the nine before it again with sides swapped, none of the two just seen: who
 * looks at pictures says the same of it. Pure.
 */
public final class PairOrder {

  /** Every so manyth showing is a repeat. */
  static final int EVERY = 10;

  /** Showings just before a repeat that it does not repeat. */
  private static final int JUST_SEEN = 2;

  private PairOrder() {}

  /**
   * One showing.
   *
   * @param pair which pair, from 0
   * @param swapped whether b is on the left
   * @param repeats the showing that it repeats, -1 for none
   */
  public record Showing(int pair, boolean swapped, int repeats) {}

  /**
   * All showings: each pair once, in random order, and the repeats.
   *
   * @param pairs number of pairs
   * @param seed decides order and sides
   */
  public static List<Showing> of(int pairs, long seed) {
    RandomStream random = new GroupNoise(seed).stream(Purpose.EVALUATION, 0);
    List<Showing> order = new ArrayList<>();
    for (int pair : random.permutation(pairs)) {
      order.add(new Showing(pair, random.nextInt(2) == 1, -1));
      if (order.size() % EVERY == EVERY - 1) {
        int first = order.size() - (EVERY - 1);
        int again = first + random.nextInt(EVERY - 1 - JUST_SEEN);
        order.add(new Showing(order.get(again).pair(), !order.get(again).swapped(), again));
      }
    }
    return order;
  }
}
