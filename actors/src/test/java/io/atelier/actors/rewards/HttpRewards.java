package io.atelier.actors.rewards;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.config.reward.HttpRewardConfig;
import io.atelier.actors.config.reward.HttpRewardConfig.Format;
import io.atelier.actors.config.section.ServerConfig;
import io.atelier.actors.port.Clock;
import io.atelier.models.vision.Images;
import io.atelier.reward.Reward.Outcome;
import io.atelier.reward.Reward.RetryLater;
import io.atelier.reward.Reward.Scored;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/** What the tests of rewards over HTTP have in common. */
final class HttpRewards {

  private HttpRewards() {}

  static final Duration LONG = Duration.ofSeconds(30);
  static final Duration SHORT = Duration.ofSeconds(1);

  static final Pauses NONE =
      time -> {
        throw new IllegalStateException("nobody is to wait here");
      };

  static HttpRewardConfig config(URI url, Duration timeout, Duration patience) {
    return config(url, Format.RAW, timeout, patience, 10);
  }

  static HttpRewardConfig config(
      URI url, Format images, Duration timeout, Duration patience, int cache) {
    return new HttpRewardConfig(
        "style",
        1,
        images,
        new ServerConfig("reward.http.style", url, timeout, patience, 1, cache));
  }

  static HttpReward reward(HttpRewardConfig config, Clock clock, Pauses pauses) {
    return reward(config, new Semaphore(1), clock, pauses);
  }

  static HttpReward reward(HttpRewardConfig config, Semaphore calls, Clock clock, Pauses pauses) {
    return new HttpReward(
        config,
        new Endpoint(config.server(), Optional.empty(), calls),
        new AnswerCache<>(config.server().cache()),
        new Patience(config.server(), clock, pauses));
  }

  /** One that asks once. */
  static HttpReward once(URI url, Duration timeout) {
    return reward(config(url, timeout, Duration.ZERO), Clock.system(), NONE);
  }

  /** Two images of 2 x 3 pixels whose bytes count up. */
  static ImageGroup group(int slot, String prompt, String attributes, int first) {
    byte[] rgb = new byte[2 * 2 * 3 * 3];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (first + 7 * i);
    }
    return new ImageGroup(
        new GroupId(12, slot), new Prompt(5, prompt, attributes), new Images(2, 2, 3, rgb), 1, "");
  }

  static ImageGroup group() {
    return group(3, "a red fox", "", 0);
  }

  static float[] total(Outcome outcome) {
    assertTrue(outcome instanceof Scored, () -> "not scored: " + outcome);
    return ((Scored) outcome).total();
  }

  static String later(Outcome outcome) {
    assertTrue(outcome instanceof RetryLater, () -> "not put off: " + outcome);
    return ((RetryLater) outcome).reason();
  }
}
