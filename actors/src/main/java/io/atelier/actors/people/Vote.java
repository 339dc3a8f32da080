package io.atelier.actors.people;

import java.util.List;

/**
 * A line of {@code preferences.jsonl}: which of two pictures of one prompt and noise a person
 * prefers, who did not know where they come from. Of two lines about one showing to one person the
 * later one counts.
 *
 * @param time when it was said, milliseconds since 1970
 * @param who said it; empty if nobody gave a name
 * @param prompt of both
 * @param number of the showing among those to this person, from 0
 * @param repeats the showing that this one repeats with sides swapped; -1 if it is the first of its
 *     pair
 * @param a picture of the run in whose folder the line is
 * @param b the other picture
 * @param left which one was on the left, {@link #A} or {@link #B}
 * @param better which one is preferred, {@link #A}, {@link #B} or {@link #TIE}
 */
public record Vote(
    long time,
    String who,
    String prompt,
    int number,
    int repeats,
    Side a,
    Side b,
    String left,
    String better) {

  public static final String A = "a";
  public static final String B = "b";
  public static final String TIE = "tie";

  /**
   * Where a picture comes from.
   *
   * @param run name of its folder
   * @param step of the policy, 0 for the base
   * @param file copy of the picture, below the folder of the file with this line
   */
  public record Side(String run, int step, String file) {

    /** The same without the picture, for people. */
    public String policy() {
      return step == 0 ? run + ", base" : "%s, step %d".formatted(run, step);
    }
  }

  public Vote {
    if (!List.of(A, B).contains(left) || !List.of(A, B, TIE).contains(better)) {
      throw new IllegalArgumentException(
          "left is \"%s\" and better \"%s\"; must be a or b, better may be tie"
              .formatted(left, better));
    }
    if (a == null || b == null || prompt == null || number < 0) {
      throw new IllegalArgumentException("a, b and prompt must be there, and number from 0");
    }
  }

  /** Which policies the vote is about. */
  Comparison comparison() {
    return new Comparison(a.run(), a.step(), b.run(), b.step());
  }

  /** Two policies. */
  record Comparison(String runA, int stepA, String runB, int stepB) {}

  boolean isRepeat() {
    return repeats >= 0;
  }
}
