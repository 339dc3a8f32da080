package io.atelier.reward.judge;

import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import java.util.List;
import java.util.SortedMap;

/**
 * Decides which of two images of a prompt is better. It receives all matches of a group at once, so
 * that it may process several concurrently; no answer may depend on the other matches. One compute
 * thread owns a judge.
 */
public interface PairJudge extends AutoCloseable {

  /** Outcome of the matches of a group. */
  sealed interface Verdict {}

  /**
   * An answer for every match.
   *
   * @param firstBetter for each match, in their order, the probability that its first image is
   *     better, 0 to 1
   * @param measured measurements of the judge, by name
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

  /** An answer is missing, but may be available later. */
  record Later(String reason) implements Verdict {}

  /** There will never be an answer for every match. */
  record Never(String reason) implements Verdict {}

  /**
   * Judges the matches of a group.
   *
   * @param group id for messages and records; no answer may depend on it
   */
  Verdict judge(GroupId group, Prompt prompt, List<Match> matches);

  @Override
  default void close() {}
}
