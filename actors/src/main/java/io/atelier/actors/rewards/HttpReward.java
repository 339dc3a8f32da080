package io.atelier.actors.rewards;

import io.atelier.actors.config.reward.HttpRewardConfig;
import io.atelier.actors.port.Clock;
import io.atelier.reward.Reward;
import io.atelier.reward.sum.RewardSum;
import io.atelier.reward.sum.Rewards;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.sampler.RolloutConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A reward from a server. Calls of a server that is down or busy are retried for a while before the
 * group is put off.
 */
public final class HttpReward implements Reward {

  private static final Logger LOG = LoggerFactory.getLogger(HttpReward.class);

  private final HttpRewardConfig config;
  private final Endpoint server;
  private final AnswerCache<Scored> cache;
  private final Patience patience;

  HttpReward(
      HttpRewardConfig config, Endpoint server, AnswerCache<Scored> cache, Patience patience) {
    this.config = config;
    this.server = server;
    this.cache = cache;
    this.patience = patience;
  }

  /** Makes the reward; the workers of a process share its cache and its limit of calls. */
  public static RewardSum of(HttpRewardConfig config) {
    AnswerCache<Scored> cache = new AnswerCache<>(config.server().cache());
    Semaphore calls = new Semaphore(config.server().parallel());
    return Rewards.of(
        config.name(),
        () ->
            new HttpReward(
                config,
                new Endpoint(config.server(), Optional.empty(), calls),
                cache,
                new Patience(config.server(), Clock.system(), Pauses.system())));
  }

  /**
   * Refuses groups that are too large for a request.
   *
   * @throws IllegalArgumentException with the sizes
   */
  public static void requireFits(RolloutConfig rollout) {
    ScoreRequest.requireFits(rollout.groupSize(), rollout.height(), rollout.width());
  }

  @Override
  public String name() {
    return config.name();
  }

  @Override
  public Outcome score(ImageGroup group) {
    String key = key(group);
    Optional<Scored> known = cache.get(key);
    if (known.isPresent()) {
      return known.get();
    }
    Outcome outcome;
    try {
      outcome = ask(group);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    if (outcome instanceof Scored scored) {
      cache.put(key, scored);
    }
    return outcome;
  }

  private String key(ImageGroup group) {
    Map<String, String> words =
        Map.of(
            "url", config.server().url().toString(),
            "prompt", group.prompt().text(),
            "attributes", group.prompt().attributes());
    return AskedKey.of(words, List.of(group.images()));
  }

  private Outcome ask(ImageGroup group) throws InterruptedException {
    byte[] body = ScoreRequest.of(group, config.images());
    ScoreReply reply = new ScoreReply(group.images().count());
    Reply<Outcome> answer = patience.ask("group " + group.id(), () -> server.call(body, reply));
    if (answer instanceof Reply.Answer<Outcome> read) {
      return read.value();
    }
    String reason = ((Reply.Later<Outcome>) answer).reason();
    LOG.warn("{}: group {} is put off: {}", config.section(), group.id(), reason);
    return new RetryLater(reason);
  }
}
