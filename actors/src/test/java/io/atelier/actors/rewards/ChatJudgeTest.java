package io.atelier.actors.rewards;

import static io.atelier.actors.rewards.HttpRewards.LONG;
import static io.atelier.actors.rewards.HttpRewards.NONE;
import static io.atelier.actors.rewards.HttpRewards.SHORT;
import static io.atelier.actors.rewards.HttpRewards.later;
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
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.config.EnvironmentException;
import io.atelier.reward.Reward.Outcome;
import io.atelier.reward.Reward.Scored;
import io.atelier.reward.Reward.Unscorable;
import io.atelier.reward.judge.TournamentReward;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Judges that are real servers in this JVM: they answer, stall, lie, break and refuse. */
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

  private List<JsonNode> lines() throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file())) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
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
    List<JsonNode> lines = lines();
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
    List<JsonNode> lines = lines();
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "''                                                             | not a JSON object",
        "<html>busy</html>                                              | it was"
            + " \"<html>busy</html>\"",
        "{\"scores\": [1, 2]}                                           | \"choices\" is missing",
        "{\"choices\": []}                                              | a list of one choice",
        "{\"choices\": {}}                                              | a list of one choice",
        "{\"choices\": [{}]}                                            | a list of one choice",
        "{\"choices\": [{\"message\": \"A\"}]}                          | a list of one choice",
        "{\"choices\": [{\"message\": {\"content\": 7}}]}               | content is a text",
        "{\"choices\": [{\"message\": {\"content\": [\"A\"]}}]}         | content is a text",
        "{\"choices\": [{\"message\": {\"content\": \"A\"}              | breaks off",
        "{\"choices\": [{\"message\": {}, \"finish_reason\": \"stop\"}]}| content is a text",
      })
  void shouldPutOffWhatIsNotTheProtocol(String reply, String reason) throws IOException {
    try (ScriptedServer server = ScriptedServer.start(ScriptedServer.says(200, reply))) {
      String said = later(scoreOnce(server, 1, 2));
      assertTrue(said.startsWith(server.url() + ": ") && said.contains(reason), said);
    }
    assertFalse(Files.exists(file()));
  }

  @Test
  void shouldPutOffLogProbabilitiesThatAreNone() throws IOException {
    String reply =
        """
        {"choices": [{"finish_reason": "stop", "message": {"content": "A"}, "logprobs": {"content": [
          {"token": "A", "top_logprobs": [{"token": "A", "logprob": 5}, {"token": "B", "logprob": -1}]}]}}]}
        """;
    try (ScriptedServer server = ScriptedServer.start(ScriptedServer.says(200, reply))) {
      String said = later(scoreOnce(server, 1, 2));
      assertTrue(said.contains("\"logprob\" of \"A\" is 5, which is no log-probability"), said);
    }
  }

  /** What is whole and yet no verdict is kept, counted, and never a number. */
  @ParameterizedTest
  @ValueSource(strings = {"", "Both are fine.", "A or B", "A/B", "Neither.", "C"})
  void shouldPutOffAnswersWithoutALetter(String text) throws IOException {
    AtomicBoolean learned = new AtomicBoolean();
    try (ScriptedServer server =
            ScriptedServer.start(
                (exchange, request) ->
                    ScriptedServer.says(
                            200, says(!learned.get() && reds(request)[0] == 2 ? text : "A"))
                        .answer(exchange));
        TournamentReward reward = reward(config(server.url(), question(1), LONG, LONG), file())) {
      String said = later(reward.score(group(1, "a", 1, 2, 3)));
      assertTrue(
          said.startsWith("2 of 6 answers do not end with A or B, such as \"" + text + "\""), said);
      assertEquals(6, server.requests().size(), "the others are asked all the same");
      assertEquals(
          2, lines().stream().filter(l -> l.get("verdict").asText().equals("none")).count());
      assertEquals(2, lines().stream().filter(l -> l.get("probability").isNull()).count());
      learned.set(true);
      assertArrayEquals(
          new float[] {0.5f, 0.5f, 0.5f}, total(reward.score(group(1, "a", 1, 2, 3))));
      assertEquals(8, server.requests().size(), "those that answered are not asked again");
    }
  }

  /** Reasons that are cut off may end with any letter. */
  @Test
  void shouldReadNoLetterOfAnAnswerThatIsCutOff() throws IOException {
    try (ScriptedServer server =
        ScriptedServer.start(ScriptedServer.says(200, says("The better one is:\nA", "length")))) {
      String said = later(scoreOnce(server, 1, 2));
      assertTrue(
          said.contains("A [finish_reason is length]\"; see instruction and max-tokens"), said);
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "200 | {\"choices\": [{\"finish_reason\": \"content_filter\", \"message\": {\"content\":"
            + " \"A\"}}]} | finish_reason is content_filter",
        "200 | {\"choices\": [{\"finish_reason\": \"stop\", \"message\": {\"content\": null,"
            + " \"refusal\": \"I cannot.\"}}]} | I cannot.",
        "400 | {\"error\": {\"code\": \"content_filter\", \"message\": \"flagged\"}} |"
            + " content_filter: {\"code\":\"content_filter\",\"message\":\"flagged\"}",
        "403 | {\"error\": {\"code\": \"content_policy_violation\"}} | content_policy_violation:"
            + " {\"code\":\"content_policy_violation\"}",
      })
  void shouldNeverScoreWhatIsRefused(int status, String reply, String reason) throws IOException {
    try (ScriptedServer server = ScriptedServer.start(ScriptedServer.says(status, reply))) {
      assertEquals(new Unscorable(reason), scoreOnce(server, 1, 2));
    }
  }

  @Test
  void shouldEndWithWhatStaysWrongAndHideTheKey() throws IOException {
    List<String> heads = new ArrayList<>();
    try (ScriptedServer server =
            ScriptedServer.start(
                exchange -> {
                  synchronized (heads) {
                    heads.add(exchange.getRequestHeaders().getFirst("Authorization"));
                  }
                  ScriptedServer.says(401, "{\"error\": \"wrong key sk-123\"}").answer(exchange);
                });
        TournamentReward reward =
            reward(
                config(server.url(), question(1), LONG, LONG),
                Optional.of("sk-123"),
                file(),
                NONE,
                LONG)) {
      String said =
          assertThrows(EnvironmentException.class, () -> reward.score(group(1, "a", 1, 2)))
              .getMessage();
      assertEquals(
          "reward.judge.taste.url: %s answered HTTP 401: \"{\"error\": \"wrong key (the key)\"}\"; give another url, or mend what the server says"
              .formatted(server.url()),
          said);
      synchronized (heads) {
        assertEquals(Set.of("Bearer sk-123"), new HashSet<>(heads));
      }
    }
  }

  @Test
  void shouldPutOffWhenTheJudgeStalls() throws IOException {
    CountDownLatch over = new CountDownLatch(1);
    try (ScriptedServer server = ScriptedServer.start(exchange -> await(over))) {
      String said =
          later(
              score(
                  config(server.url(), question(1), SHORT, Duration.ZERO),
                  file(),
                  group(1, "a", 1, 2)));
      assertTrue(said.contains("no whole reply came within reward.judge.taste.timeout"), said);
      over.countDown();
    }
  }

  /** Calls that are each in time may be too many; what came is not asked again. */
  @Test
  void shouldPutOffAGroupThatTakesTooLong() throws IOException {
    CountDownLatch over = new CountDownLatch(1);
    Set<Integer> stalled = ConcurrentHashMap.newKeySet();
    try (ScriptedServer server =
            ScriptedServer.start(
                (exchange, request) -> {
                  if (reds(request)[0] == 2 && stalled.add(2)) {
                    await(over);
                  }
                  ScriptedServer.says(200, says("A")).answer(exchange);
                });
        TournamentReward reward =
            reward(
                config(server.url(), question(1), LONG, LONG),
                Optional.empty(),
                file(),
                NONE,
                SHORT)) {
      assertEquals(
          "its calls are not done after 1 s; see timeout and parallel of reward.judge.taste",
          later(reward.score(group(1, "a", 1, 2))));
      over.countDown();
      assertArrayEquals(new float[] {0.5f, 0.5f}, total(reward.score(group(1, "a", 1, 2))));
      assertEquals(3, server.requests().size());
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(30, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void shouldPutOffWhenTheConnectionBreaks() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CompletableFuture<Void> server =
          CompletableFuture.runAsync(
              () -> {
                try (Socket connection = socket.accept()) {
                  InputStream in = connection.getInputStream();
                  while (in.read() != '{') { // its head
                    assertTrue(connection.isConnected());
                  }
                  connection.getOutputStream().write("HTTP/1.1 200 OK\r\n".getBytes("US-ASCII"));
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      URI url = URI.create("http://127.0.0.1:%d/score".formatted(socket.getLocalPort()));
      String said =
          later(score(config(url, question(1), SHORT, Duration.ZERO), file(), group(1, "a", 1, 2)));
      assertTrue(said.startsWith(url + ": "), said);
      server.join();
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
              await(two); // the first one until there is a second
              now.decrementAndGet();
              ScriptedServer.says(200, says("A")).answer(exchange);
            })) {
      total(scoreOnce(server, 1, 2, 3, 4));
      assertEquals(12, server.requests().size());
      assertEquals(2, most.get());
    }
  }
}
