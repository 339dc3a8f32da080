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

import io.atelier.actors.config.section.EnvironmentException;
import io.atelier.reward.Reward.Outcome;
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
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Judges that are real servers in this JVM: they stall, lie, break and refuse. */
@Timeout(60)
class ChatJudgeFaultsTest {

  @TempDir Path folder;

  private Path file() {
    return folder.resolve("judgements.jsonl");
  }

  private Outcome scoreOnce(ScriptedServer server, int... reds) {
    return score(
        config(server.url(), question(1), LONG, Duration.ZERO), file(), group(1, "a", reds));
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
          2,
          Judges.lines(file()).stream()
              .filter(l -> l.get("verdict").asText().equals("none"))
              .count());
      assertEquals(
          2, Judges.lines(file()).stream().filter(l -> l.get("probability").isNull()).count());
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
    try (ScriptedServer server = ScriptedServer.start(exchange -> Judges.await(over))) {
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
                    Judges.await(over);
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
}
