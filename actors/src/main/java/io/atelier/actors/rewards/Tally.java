package io.atelier.actors.rewards;

import io.atelier.reward.judge.PairJudge.Judged;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * Counts the votes of a group. The result is, for each match and order, the mean over the votes
 * that name a letter, and for each match the mean of both orders, in which a bias towards the image
 * shown first cancels.
 */
final class Tally {

  private final int orders;
  private final double[][] sums;
  private final int[][] counts;
  private double shownFirst;
  private int read;
  private int unread;

  Tally(int matches, boolean bothOrders) {
    this.orders = bothOrders ? 2 : 1;
    this.sums = new double[matches][orders];
    this.counts = new int[matches][orders];
  }

  /** Turns the probability that image A is better into that of the first image of the match. */
  static OptionalDouble ofFirst(OptionalDouble a, boolean reversed) {
    return reversed && a.isPresent() ? OptionalDouble.of(1 - a.getAsDouble()) : a;
  }

  /**
   * @param reversed whether the second image of the match was image A
   * @param a probability that image A is better; empty if the vote names no letter
   */
  void add(int match, boolean reversed, OptionalDouble a) {
    if (a.isEmpty()) {
      unread++;
      return;
    }
    int order = reversed ? 1 : 0;
    sums[match][order] += ofFirst(a, reversed).getAsDouble();
    counts[match][order]++;
    shownFirst += a.getAsDouble();
    read++;
  }

  /** Returns the number of votes that name no letter. */
  int unread() {
    return unread;
  }

  /**
   * Returns the result; empty if an order of a match has no vote that names a letter. It includes
   * {@code shown-first}, the mean probability of image A, which is .5 without position bias; {@code
   * agreement}, the share of matches whose orders name the same image; {@code unread}, the share of
   * votes without a letter.
   */
  Optional<Judged> judged() {
    double[] firstBetter = new double[sums.length];
    double agreeing = 0;
    for (int match = 0; match < sums.length; match++) {
      double[] means = new double[orders];
      for (int order = 0; order < orders; order++) {
        if (counts[match][order] == 0) {
          return Optional.empty();
        }
        means[order] = sums[match][order] / counts[match][order];
        firstBetter[match] += means[order] / orders;
      }
      double same = (means[0] - 0.5) * (means[orders - 1] - 0.5);
      agreeing += same > 0 ? 1 : same == 0 ? 0.5 : 0;
    }
    TreeMap<String, Double> measured = new TreeMap<>();
    measured.put("shown-first", shownFirst / read);
    measured.put("unread", unread / (double) (read + unread));
    if (orders == 2) {
      measured.put("agreement", agreeing / sums.length);
    }
    return Optional.of(new Judged(firstBetter, measured));
  }
}
