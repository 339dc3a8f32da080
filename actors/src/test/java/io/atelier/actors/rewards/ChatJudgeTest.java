package io.atelier.actors.rewards;

import static io.atelier.actors.rewards.HttpRewards.LONG;
import static io.atelier.actors.rewards.HttpRewards.total;
import static io.atelier.actors.rewards.Judges.config;
import static io.atelier.actors.rewards.Judges.group;
import static io.atelier.actors.rewards.Judges.question;
import static io.atelier.actors.rewards.Judges.reds;
import static io.atelier.actors.rewards.Judges.reward;
import static io.atelier.actors.rewards.Judges.says;
import static io.atelier.actors.rewards.Judges.score;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.reward.Reward.Outcome;
import io.atelier.reward.Reward.Scored;
import io.atelier.reward.judge.TournamentReward;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Judges that are real servers in this JVM, and what is made of their answers. */
@Timeout(60)
class ChatJudgeTest {

  @TempDir Path folder;

  private Path file() {
    return folder.resolve("judgements.jsonl");
  }

  private Outcome scoreOnce(ScriptedServer server, int... reds) {
    return score(
        config(server.url(), question(1), LONG, Duration.ZERO), file(), group(1, "a", reds));
  }

  /** Who is redder than all others wins all; each pair is asked in both orders. */
  @Test
  void shouldRewardWhomTheJudgePrefers() throws IOException {
    try (ScriptedServer server = Judges.redder()) {
      Scored scored = (Scored) scoreOnce(server, 10, 30, 20);
      assertArrayEquals(new float[] {0, 1, 0.5f}, scored.total());
      assertArrayEquals(new float[] {0.5f, 0.5f, 0.5f}, scored.parts().get("shown-first"));
      assertArrayEquals(new float[] {1, 1, 1}, scored.parts().get("agreement"));
      assertArrayEquals(new float[] {0, 0, 0}, scored.parts().get("unread"));
      Set<String> asked = new HashSet<>();
      for (JsonNode request : server.requests()) {
        asked.add(Arrays.toString(reds(request)));
      }
      assertEquals(
          Set.of("[10, 30]", "[30, 10]", "[10, 20]", "[20, 10]", "[30, 20]", "[20, 30]"), asked);
      assertEquals(6, server.requests().size());
    }
  }

  /** With both orders a judge that only looks at places prefers nobody. */
  @Test
  void shouldRewardNobodyIfTheJudgeAlwaysSaysA() throws IOException {
    try (ScriptedServer server = ScriptedServer.start(ScriptedServer.says(200, says("A")))) {
      Scored scored = (Scored) scoreOnce(server, 1, 2, 3, 4);
      assertArrayEquals(new float[] {0.5f, 0.5f, 0.5f, 0.5f}, scored.total());
      assertEquals(1, scored.parts().get("shown-first")[0]);
      assertEquals(0, scored.parts().get("agreement")[0]);
    }
  }

  /** Log-probabilities of both orders by hand: (.832018 + 1 - .574443) / 2 = .628788. */
  @Test
  void shouldTakeProbabilitiesWhereTheServerHasThem() throws IOException {
    String reply =
        """
        {"choices": [{"index": 0, "finish_reason": "stop",
          "message": {"role": "assistant", "content": "Warmer.\\nA", "refusal": null},
          "logprobs": {"content": [
            {"token": "Warmer.", "logprob": -1.0, "bytes": null, "top_logprobs": []},
            {"token": "\\n", "logprob": -0.1, "top_logprobs": []},
            {"token": "A", "logprob": %1$s, "top_logprobs": [
              {"token": "A", "logprob": %1$s}, {"token": " A", "logprob": -9.0},
              {"token": "B", "logprob": %2$s}]}]}}]}
        """;
    try (ScriptedServer server =
        ScriptedServer.start(
            (exchange, request) ->
                ScriptedServer.says(
                        200,
                        reds(request)[0] == 1
                            ? reply.formatted("-0.2", "-1.8")
                            : reply.formatted("-0.6", "-0.9"))
                    .answer(exchange))) {
      float[] scores = total(scoreOnce(server, 1, 2));
      assertEquals(0.628788, scores[0], 1e-6);
      assertEquals(1 - 0.628788, scores[1], 1e-6);
    }
    List<JsonNode> lines = Judges.lines(file());
    assertEquals(0.832018, lines.get(0).get("probability").asDouble(), 1e-6);
    assertEquals(0.425557, lines.get(1).get("probability").asDouble(), 1e-6);
  }

  @Test
  void shouldAskForEveryVoteWithASeedOfItsOwn() throws IOException {
    try (ScriptedServer server =
        ScriptedServer.start(
            (exchange, request) ->
                ScriptedServer.says(200, says(request.get("seed").asInt() < 2 ? "A" : "B"))
                    .answer(exchange))) {
      Outcome outcome =
          score(
              config(server.url(), question(3), LONG, Duration.ZERO), file(), group(1, "a", 1, 2));
      // two of three for the one that is shown first, in both orders
      assertArrayEquals(new float[] {0.5f, 0.5f}, total(outcome), 1e-6f);
      assertEquals(2 / 3.0, ((Scored) outcome).parts().get("shown-first")[0], 1e-6);
      assertEquals(6, server.requests().size());
    }
  }

  @Test
  void shouldKeepWhatTheJudgeWrote() throws IOException {
    String reasons = "Its fox is redder. ".repeat(200);
    try (ScriptedServer server =
        ScriptedServer.start(
            (exchange, request) ->
                ScriptedServer.says(200, says(reasons + "\n" + (reds(request)[0] == 9 ? "A" : "B")))
                    .answer(exchange))) {
      scoreOnce(server, 9, 1);
    }
    List<JsonNode> lines = Judges.lines(file());
    assertEquals(2, lines.size());
    for (int i = 0; i < 2; i++) {
      JsonNode line = lines.get(i);
      assertEquals(2, line.get("step").asInt(), "as in metrics.jsonl");
      assertEquals("1.3", line.get("group").asText());
      assertEquals("taste", line.get("judge").asText());
      assertEquals("a", line.get("prompt").asText());
      assertEquals("[0,1]", line.get("pair").toString());
      assertEquals(List.of("forward", "reversed").get(i), line.get("order").asText());
      assertEquals(0, line.get("verdict").asInt(-1));
      assertEquals(1, line.get("probability").asDouble());
      assertEquals(Judgement.LONGEST + 3, line.get("rationale").asText().length());
    }
  }

  /** The other votes decide, as long as every order has one. */
  @Test
  void shouldLeaveOutVotesWithoutALetter() throws IOException {
    try (ScriptedServer server =
        ScriptedServer.start(
            (exchange, request) ->
                ScriptedServer.says(
                        200,
                        says(
                            request.get("seed").asInt() == 0
                                ? "?"
                                : reds(request)[0] == 1 ? "A" : "B"))
                    .answer(exchange))) {
      Outcome outcome =
          score(
              config(server.url(), question(3), LONG, Duration.ZERO), file(), group(1, "a", 1, 2));
      assertArrayEquals(new float[] {1, 0}, total(outcome));
      assertEquals(1 / 3.0, ((Scored) outcome).parts().get("unread")[0], 1e-6);
    }
  }

  /** It is busy for the first two calls, and again for the third pair. */
  @Test
  void shouldAskAgainWhileTheJudgeIsBusy() throws IOException {
    AtomicInteger calls = new AtomicInteger();
    AtomicInteger pauses = new AtomicInteger();
    try (ScriptedServer server =
            ScriptedServer.start(
                exchange ->
                    (calls.incrementAndGet() % 3 == 0
                            ? ScriptedServer.says(200, says("A"))
                            : ScriptedServer.says(503, "loading"))
                        .answer(exchange));
        TournamentReward reward =
            reward(
                config(server.url(), question(1), LONG, LONG),
                Optional.empty(),
                file(),
                time -> pauses.incrementAndGet(),
                LONG)) {
      assertArrayEquals(new float[] {0.5f, 0.5f}, total(reward.score(group(1, "a", 1, 2))));
      assertEquals(pauses.get() + 2, calls.get());
      assertTrue(pauses.get() >= 4, pauses + " pauses");
    }
  }

  @Test
  void shouldAskTheSameOnce() throws IOException {
    try (ScriptedServer server = Judges.redder();
        TournamentReward reward =
            reward(config(server.url(), question(1), LONG, Duration.ZERO), file())) {
      total(reward.score(group(1, "a", 1, 2)));
      total(reward.score(group(7, "a", 2, 1))); // another group and order of the same
      assertEquals(2, server.requests().size());
      total(reward.score(group(1, "b", 1, 2)));
      assertEquals(4, server.requests().size(), "another prompt");
      total(reward.score(group(1, "a", 1, 3)));
      assertEquals(6, server.requests().size(), "another image");
    }
  }

  @Test
  void shouldMakeNoMoreCallsAtATimeThanAreAllowed() throws IOException {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch two = new CountDownLatch(2);
    try (ScriptedServer server =
        ScriptedServer.start(
            exchange -> {
              most.accumulateAndGet(now.incrementAndGet(), Math::max);
              two.countDown();
              Judges.await(two); // the first one until there is a second
              now.decrementAndGet();
              ScriptedServer.says(200, says("A")).answer(exchange);
            })) {
      total(scoreOnce(server, 1, 2, 3, 4));
      assertEquals(12, server.requests().size());
      assertEquals(2, most.get());
    }
  }
}
