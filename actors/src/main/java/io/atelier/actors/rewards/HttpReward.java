package io.atelier.actors.rewards;

import io.atelier.actors.Clock;
import io.atelier.actors.config.HttpRewardConfig;
import io.atelier.reward.Reward;
import io.atelier.reward.sum.RewardSum;
import io.atelier.reward.sum.Rewards;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.sampler.RolloutConfig;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A reward that a server gives. A server that is away or busy is asked again for a while, with
 * pauses that double, before the group is put off.
 */
public final class HttpReward implements Reward {

  private static final Logger LOG = LoggerFactory.getLogger(HttpReward.class);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  private final HttpRewardConfig config;
  private final ScoreServer server;
  private final ScoreCache cache;
  private final Clock clock;
  private final Pauses pauses;
  private boolean away;

  HttpReward(
      HttpRewardConfig config, ScoreServer server, ScoreCache cache, Clock clock, Pauses pauses) {
    this.config = config;
    this.server = server;
    this.cache = cache;
    this.clock = clock;
    this.pauses = pauses;
  }

  /** The reward; the workers of a process share its cache and its limit of calls. */
  public static RewardSum of(HttpRewardConfig config) {
    ScoreCache cache = new ScoreCache(config.cache());
    Semaphore calls = new Semaphore(config.parallel());
    return Rewards.of(
        config.name(),
        () ->
            new HttpReward(
                config, new ScoreServer(config, calls), cache, Clock.system(), Pauses.system()));
  }

  /**
   * Refuses groups that no request holds.
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
    String key = ScoreCache.key(config.url(), group);
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

  private Outcome ask(ImageGroup group) throws InterruptedException {
    byte[] body = ScoreRequest.of(group, config.images());
    long end = clock.nanos() + config.patience().toNanos();
    Duration pause = FIRST_PAUSE;
    while (true) {
      Outcome outcome = server.call(body, group.images().count());
      if (!(outcome instanceof RetryLater later)) {
        if (away) {
          LOG.info("{}: {} answers again", config.section(), config.url());
          away = false;
        }
        return outcome;
      }
      Duration left = Duration.ofNanos(Math.max(0, end - clock.nanos()));
      if (left.isZero()) {
        LOG.warn("{}: group {} is put off: {}", config.section(), group.id(), later.reason());
        return later;
      }
      if (!away) { // said once for each time
        LOG.warn("{}: group {} is posted again: {}", config.section(), group.id(), later.reason());
        away = true;
      }
      pauses.pause(shorter(pause, left));
      pause = shorter(pause.multipliedBy(2), LONGEST_PAUSE);
    }
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
