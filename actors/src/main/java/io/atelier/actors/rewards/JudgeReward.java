package io.atelier.actors.rewards;

import io.atelier.actors.config.reward.JudgeConfig;
import io.atelier.actors.port.Clock;
import io.atelier.reward.judge.Anchors;
import io.atelier.reward.judge.TournamentReward;
import io.atelier.reward.sum.RewardSum;
import io.atelier.reward.sum.Rewards;
import io.atelier.rollout.sampler.RolloutConfig;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/** Makes rewards of judges behind OpenAI-compatible endpoints. */
public final class JudgeReward {

  private JudgeReward() {}

  /**
   * Makes the reward; the workers of a process share its cache and its limit of calls.
   *
   * @param key of the server; empty if it needs none
   * @param anchors references that images are compared with; empty to compare them with each other
   * @param file where answers are kept
   * @param longest time after which a group is put off
   */
  public static RewardSum of(
      JudgeConfig config,
      Optional<String> key,
      Optional<Anchors> anchors,
      JudgementFile file,
      Duration longest) {
    AnswerCache<Double> cache = new AnswerCache<>(config.server().cache());
    Endpoint server = new Endpoint(config.server(), key, new Semaphore(config.server().parallel()));
    Patience patience = new Patience(config.server(), Clock.system(), Pauses.system());
    if (config.pairs() == JudgeConfig.Pairs.NONE) {
      return Rewards.of(
          config.name(),
          () -> new YesNoReward(config, server, cache, patience, Clock.system(), longest));
    }
    return Rewards.of(
        config.name(),
        () ->
            new TournamentReward(
                config.name(),
                new ChatJudge(config, server, cache, file, patience, Clock.system(), longest),
                anchors));
  }

  /**
   * Refuses pairs that are too large for a request.
   *
   * @throws IllegalArgumentException with the sizes
   */
  public static void requireFits(RolloutConfig rollout) {
    ScoreRequest.requireFits(2, rollout.height(), rollout.width());
  }
}
