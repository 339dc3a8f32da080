package io.atelier.actors.ledger.state;

import io.atelier.actors.ledger.model.Schedule;
import java.time.Duration;

/**
 * The settings of the ledger.
 *
 * @param schedule which weights each step uses
 * @param groupsPerStep groups that one learner update takes, at least 1
 * @param steps learner updates of the whole run, at least 1
 * @param critic whether the reward has an adversarial part; without one its weights stay at version
 *     0
 * @param checkpointEvery steps between checkpoints, at least 1; the last step always has one
 * @param evaluateEvery steps between evaluations, at least 1; version 0 and the last one always
 *     have one; 0 for no evaluations at all
 * @param limits time limits and retries
 */
public record LedgerConfig(
    Schedule schedule,
    int groupsPerStep,
    int steps,
    boolean critic,
    int checkpointEvery,
    int evaluateEvery,
    Limits limits) {

  /**
   * Time limits and retries.
   *
   * @param rolloutLease a rollout worker that takes longer over one group loses it to another
   * @param rewardLease the same for a reward worker
   * @param load the same for loading weights
   * @param evaluation the same for an evaluator; the second that takes longer gives the evaluation
   *     up
   * @param silence a worker that took too long and answers nothing for this long is replaced
   * @param nodeSilence a node that is not heard of for this long is taken for lost
   * @param watchdog a run in which nothing moves for this long is reported and recovered
   * @param retryDelay pause before a group is scored again after {@code RetryLater}
   * @param scoreRetries how often a group is scored again after {@code RetryLater}
   * @param onUnscorable what happens to a group that will never have scores
   * @param replacements how often one group is replaced before the run stops
   */
  public record Limits(
      Duration rolloutLease,
      Duration rewardLease,
      Duration load,
      Duration evaluation,
      Duration silence,
      Duration nodeSilence,
      Duration watchdog,
      Duration retryDelay,
      int scoreRetries,
      OnUnscorable onUnscorable,
      int replacements) {

    public Limits {
      positive("rollout-lease", rolloutLease);
      positive("reward-lease", rewardLease);
      positive("load", load);
      positive("evaluation", evaluation);
      positive("silence", silence);
      positive("node-silence", nodeSilence);
      positive("watchdog", watchdog);
      positive("retry-delay", retryDelay);
      require(scoreRetries >= 0, "score-retries %d is negative", scoreRetries);
      require(replacements >= 0, "replacements %d is negative", replacements);
    }

    public static Limits defaults() {
      return new Limits(
          Duration.ofMinutes(10),
          Duration.ofMinutes(10),
          Duration.ofMinutes(5),
          Duration.ofHours(1),
          Duration.ofMinutes(1),
          Duration.ofSeconds(4),
          Duration.ofMinutes(15),
          Duration.ofSeconds(1),
          5,
          OnUnscorable.REPLACE,
          3);
    }
  }

  /** What happens to a group that will never have scores. */
  public enum OnUnscorable {
    /** It is dropped and reported, and another prompt takes its place. */
    REPLACE,
    /** The run stops and says why. */
    STOP
  }

  public LedgerConfig {
    require(groupsPerStep >= 1, "groups-per-step %d is not positive", groupsPerStep);
    require(steps >= 1, "steps %d is not positive", steps);
    require(checkpointEvery >= 1, "checkpoint-every %d is not positive", checkpointEvery);
    require(evaluateEvery >= 0, "evaluate-every %d is negative", evaluateEvery);
  }

  /** Whether the version that step {@code step}, counted from 0, makes is evaluated. */
  public boolean evaluatesAfter(int step) {
    int trained = step + 1;
    return evaluateEvery > 0 && (trained % evaluateEvery == 0 || trained == steps);
  }

  private static void positive(String key, Duration value) {
    require(
        !value.isNegative() && !value.isZero(), "%s %s is not positive", key, Lengths.text(value));
  }

  private static void require(boolean holds, String message, Object... values) {
    if (!holds) {
      throw new IllegalArgumentException(message.formatted(values));
    }
  }
}
