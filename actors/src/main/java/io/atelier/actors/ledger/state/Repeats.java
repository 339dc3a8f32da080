package io.atelier.actors.ledger.state;

/** What happens again and again, and is told the 1st, 2nd, 4th, 8th … time. */
public final class Repeats {

  private Repeats() {}

  public static boolean isTold(int times) {
    return Integer.bitCount(times) == 1;
  }

  /** {@code ", for the 4th time"}, or nothing the first time; for times that are told. */
  public static String again(int times) {
    return times == 1
        ? ""
        : ", for the %d%s time"
            .formatted(times, times % 10 == 2 && times % 100 != 12 ? "nd" : "th");
  }
}
