package io.atelier.reward.judge;

import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import java.util.List;
import java.util.SortedMap;

/**
 * Says which of two images of one prompt is better. It is given all matches of a group at once, so
 * that it may see to several at a time; no answer may depend on the other matches. One compute
 * thread owns a judge.
 */
public interface PairJudge extends AutoCloseable {

  /** What came of the matches of a group. */
  sealed interface Verdict {}

  /**
   * There is an answer for every match.
   *
   * @param firstBetter for each match, in their order, the probability that its first image is
   *     better, 0 to 1
   * @param measured what the judge says of itself, by name
   */
  record Judged(double[] firstBetter, SortedMap<String, Double> measured) implements Verdict {
    public Judged {
      for (int i = 0; i < firstBetter.length; i++) {
        if (!(firstBetter[i] >= 0 && firstBetter[i] <= 1)) {
          throw new IllegalArgumentException(
              "match %d has %s, which is no probability".formatted(i, firstBetter[i]));
        }
      }
    }
  }

  /** An answer is missing, and may be had later. */
  record Later(String reason) implements Verdict {}

  /** There will never be an answer for every match. */
  record Never(String reason) implements Verdict {}

  /**
   * Judges.
   *
   * @param group for messages and records; no answer may depend on it
   */
  Verdict judge(GroupId group, Prompt prompt, List<Match> matches);

  @Override
  default void close() {}
}
