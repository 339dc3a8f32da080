package io.atelier.actors.rewards;

import static io.atelier.actors.rewards.HttpRewards.LONG;
import static io.atelier.actors.rewards.HttpRewards.NONE;
import static io.atelier.actors.rewards.HttpRewards.config;
import static io.atelier.actors.rewards.HttpRewards.group;
import static io.atelier.actors.rewards.HttpRewards.later;
import static io.atelier.actors.rewards.HttpRewards.once;
import static io.atelier.actors.rewards.HttpRewards.reward;
import static io.atelier.actors.rewards.HttpRewards.total;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.atelier.actors.config.reward.HttpRewardConfig;
import io.atelier.actors.config.reward.HttpRewardConfig.Format;
import io.atelier.actors.port.Clock;
import io.atelier.reward.Reward.Unscorable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real servers in this JVM that come back, and what is not asked twice. */
@Timeout(60)
class HttpRewardTest {

  @Test
  void shouldGetTheScoresOfAServerThatComesBack() throws IOException {
    ScriptedServer first = ScriptedServer.start(ScriptedServer.says(503, "loading"));
    int port = first.port();
    List<ScriptedServer> servers = new ArrayList<>(List.of(first));
    List<Duration> pauses = new ArrayList<>();
    HttpReward reward =
        reward(
            config(first.url(), LONG, LONG),
            Clock.system(),
            time -> {
              pauses.add(time);
              try {
                if (pauses.size() == 1) {
                  first.close();
                } else if (pauses.size() == 3) {
                  servers.add(
                      ScriptedServer.start(port, ScriptedServer.says(200, "{\"scores\": [5, 6]}")));
                }
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    try {
      assertArrayEquals(new float[] {5, 6}, total(reward.score(group())));
      assertEquals(List.of(100L, 200L, 400L), pauses.stream().map(Duration::toMillis).toList());
      assertEquals(List.of(1, 1), servers.stream().map(s -> s.requests().size()).toList());
    } finally {
      servers.forEach(ScriptedServer::close);
    }
  }

  /** 0.1 + 0.2 + 0.4 s, then the 0.3 s that are left of 1 s instead of 0.8: five tries. */
  @Test
  void shouldPutOffWhenPatienceIsOver() throws IOException {
    Turned clock = new Turned();
    try (ScriptedServer server = ScriptedServer.start(ScriptedServer.says(503, "loading"))) {
      HttpReward reward =
          reward(config(server.url(), LONG, Duration.ofSeconds(1)), clock, clock::turn);
      assertEquals(server.url() + ": HTTP 503: \"loading\"", later(reward.score(group())));
      assertEquals(5, server.requests().size());
      assertEquals(
          List.of(100L, 200L, 400L, 300L), clock.turns.stream().map(Duration::toMillis).toList());
    }
  }

  @Test
  void shouldPauseForTenSecondsAtMost() throws IOException {
    Turned clock = new Turned();
    try (ScriptedServer server = ScriptedServer.start(ScriptedServer.says(429, ""))) {
      HttpReward reward =
          reward(config(server.url(), LONG, Duration.ofSeconds(40)), clock, clock::turn);
      later(reward.score(group()));
      assertEquals(
          List.of(100L, 200L, 400L, 800L, 1600L, 3200L, 6400L, 10000L, 10000L, 7300L),
          clock.turns.stream().map(Duration::toMillis).toList());
    }
  }

  /** Time that passes in pauses only. */
  private static final class Turned implements Clock {
    private final List<Duration> turns = new ArrayList<>();

    private void turn(Duration time) {
      turns.add(time);
    }

    @Override
    public long nanos() {
      return turns.stream().mapToLong(Duration::toNanos).sum();
    }

    @Override
    public long epochMillis() {
      return nanos() / 1_000_000;
    }
  }

  @Test
  void shouldNotPostTheSameTwice() throws IOException {
    AtomicInteger calls = new AtomicInteger();
    try (ScriptedServer server =
        ScriptedServer.start(
            exchange ->
                ScriptedServer.says(200, "{\"scores\": [%d, 0]}".formatted(calls.incrementAndGet()))
                    .answer(exchange))) {
      HttpRewardConfig config = config(server.url(), Format.RAW, LONG, Duration.ZERO, 4);
      HttpReward reward = reward(config, Clock.system(), NONE);
      assertEquals(1, total(reward.score(group(3, "a", "", 0)))[0]);
      assertEquals(1, total(reward.score(group(4, "a", "", 0)))[0], "another slot");
      assertEquals(2, total(reward.score(group(3, "b", "", 0)))[0], "another prompt");
      assertEquals(3, total(reward.score(group(3, "a", "{\"n\":1}", 0)))[0], "other attributes");
      assertEquals(4, total(reward.score(group(3, "a", "", 1)))[0], "other pixels");
      assertEquals(1, total(reward.score(group(3, "a", "", 0)))[0], "four are kept");
      assertEquals(5, total(reward.score(group(3, "c", "", 0)))[0]);
      assertEquals(1, total(reward.score(group(3, "a", "", 0)))[0], "it was asked for lately");
      assertEquals(6, total(reward.score(group(3, "b", "", 0)))[0], "the oldest had to go");
    }
  }

  @Test
  void shouldKeepNothingButScores() throws IOException {
    AtomicInteger calls = new AtomicInteger();
    List<ScriptedServer.Script> scripts =
        List.of(
            ScriptedServer.says(503, ""),
            ScriptedServer.says(200, "{\"unscorable\": \"no\"}"),
            ScriptedServer.says(200, "{\"scores\": [1, 2]}"));
    try (ScriptedServer server =
        ScriptedServer.start(exchange -> scripts.get(calls.getAndIncrement()).answer(exchange))) {
      HttpReward reward = once(server.url(), LONG);
      later(reward.score(group()));
      assertEquals(new Unscorable("no"), reward.score(group()));
      assertArrayEquals(new float[] {1, 2}, total(reward.score(group())));
      assertArrayEquals(new float[] {1, 2}, total(reward.score(group())));
      assertEquals(3, calls.get());
    }
  }
}
