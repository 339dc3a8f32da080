package io.atelier.actors.rewards;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.reward.JudgeConfig;
import io.atelier.actors.config.reward.JudgeConfig.Format;
import io.atelier.actors.config.reward.JudgeConfig.Pairs;
import io.atelier.actors.config.reward.JudgeConfig.Question;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.config.section.ServerConfig;
import io.atelier.actors.port.Clock;
import io.atelier.reward.Reward.Outcome;
import io.atelier.reward.Reward.RetryLater;
import io.atelier.reward.Reward.Scored;
import io.atelier.reward.Reward.Unscorable;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class YesNoRewardTest {

  private static final String ASKED = "{prompt}: has it artifacts? Answer yes or no.";

  private static YesNoReward reward(URI url) {
    Duration time = Duration.ofSeconds(5);
    ServerConfig server = new ServerConfig("reward.judge.clean", url, time, Duration.ZERO, 1, 100);
    JudgeConfig config =
        new JudgeConfig(
            "clean",
            1,
            server,
            "",
            Pairs.NONE,
            new Question("vlm", ASKED, Format.PNG, true, 1, 0, 1, true));
    return new YesNoReward(
        config,
        new Endpoint(server, Optional.empty(), new Semaphore(1)),
        new AnswerCache<>(server.cache()),
        new Patience(server, Clock.system(), HttpRewards.NONE),
        Clock.system(),
        config.longest(2, 1));
  }

  private static String tokens(String top) {
    return """
    {"choices": [{"finish_reason": "length", "message": {"content": "No"},
      "logprobs": {"content": [{"token": "No", "top_logprobs": [%s]}]}}]}
    """
        .formatted(top);
  }

  private static String token(String token, double logarithm) {
    return "{\"token\": \"%s\", \"logprob\": %s}".formatted(token, logarithm);
  }

  private static Outcome score(String body) throws IOException {
    try (ScriptedServer server = ScriptedServer.start(ScriptedServer.says(200, body))) {
      return reward(server.url()).score(Judges.group(0, "fox", 10, 20));
    }
  }

  /** 1 / (1 + exp(-1.2 + 0.4)) = 0.689974. */
  @Test
  void shouldBeTheProbabilityOfNo() throws IOException {
    assertEquals(0.689974, YesNoReply.no(-1.2, -0.4), 5e-7);
    Scored scored =
        assertInstanceOf(
            Scored.class, score(tokens(token("Yes", -1.2) + "," + token(" no", -0.4))));
    assertArrayEquals(new float[] {0.689974f, 0.689974f}, scored.total(), 1e-6f);
  }

  @Test
  void shouldTakeTheLikeliestSpelling() throws IOException {
    String top =
        String.join(
            ",", token("YES", -9), token("No", -0.4), token("yes", -1.2), token("Nope", -0.1));
    assertEquals(0.689974f, ((Scored) score(tokens(top))).total()[0], 1e-6f);
  }

  /** A word that is not there is not unlikely: the released program takes it for clean. */
  @ParameterizedTest
  @ValueSource(strings = {"yes", "no"})
  void shouldPutAGroupOffWhereAWordIsMissing(String there) throws IOException {
    RetryLater later = assertInstanceOf(RetryLater.class, score(tokens(token(there, -0.01))));
    String missing = there.equals("yes") ? "no" : "yes";
    assertTrue(
        later
            .reason()
            .contains("\"%s\" is not among the log-probabilities of its first".formatted(missing)),
        later.reason());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"choices\": [{\"finish_reason\": \"stop\", \"message\": {\"content\": \"No\"}}]}",
        "{\"choices\": []}",
        "<html>busy</html>",
        ""
      })
  void shouldPutAGroupOffWhereThereIsNoAnswer(String body) throws IOException {
    assertInstanceOf(RetryLater.class, score(body));
  }

  @Test
  void shouldTakeNoOtherNumberForALogProbability() throws IOException {
    String top = token("yes", -1) + ", {\"token\": \"no\", \"logprob\": \"NaN\"}";
    RetryLater later = assertInstanceOf(RetryLater.class, score(tokens(top)));
    assertTrue(later.reason().contains("which is no log-probability"), later.reason());
  }

  @Test
  void shouldGiveUpWhereTheModelRefuses() throws IOException {
    Outcome outcome =
        score(
            "{\"choices\": [{\"finish_reason\": \"content_filter\","
                + " \"message\": {\"content\": null}}]}");
    assertEquals(new Unscorable("finish_reason is content_filter"), outcome);
  }

  /** The second image has no answer at first; the first one is not asked about again. */
  @Test
  void shouldAskAPutOffGroupForTheRestOnly() throws IOException {
    AtomicInteger calls = new AtomicInteger();
    ScriptedServer.Answers answers =
        (exchange, request) -> {
          String body =
              calls.incrementAndGet() == 2
                  ? "{}"
                  : tokens(token("yes", -1.2) + "," + token("no", -0.4));
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
        };
    try (ScriptedServer server = ScriptedServer.start(answers)) {
      YesNoReward reward = reward(server.url());
      assertInstanceOf(RetryLater.class, reward.score(Judges.group(0, "fox", 10, 20)));
      assertInstanceOf(Scored.class, reward.score(Judges.group(0, "fox", 10, 20)));
      assertEquals(3, server.requests().size());
      JsonNode asked = server.requests().get(0);
      assertEquals(1, asked.get("max_tokens").asInt());
      assertEquals(10, asked.get("top_logprobs").asInt());
      JsonNode content = asked.get("messages").get(0).get("content");
      assertEquals(2, content.size(), "one image and the question");
      assertTrue(
          content.get(0).get("image_url").get("url").asText().startsWith("data:image/png;base64,"));
      assertEquals("fox: has it artifacts? Answer yes or no.", content.get(1).get("text").asText());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "log-probabilities=false | log-probabilities is false, must be true with pairs=none",
        "votes=3 | votes is 3, must be 1 with pairs=none",
        "instruction={prompt}: A or B? | instruction does not ask for yes or no",
      })
  void shouldRefuseAQuestionWithoutYesAndNo(String key, String told) {
    String section = "reward.judge.clean.";
    String message =
        assertThrows(
                InvalidConfigException.class,
                () ->
                    TrainConfig.load(
                        "dev",
                        section + "url=http://127.0.0.1:1/v1/chat/completions",
                        section + "model=vlm",
                        section + "pairs=none",
                        section + "temperature=1",
                        section + "instruction=" + ASKED,
                        section + key))
            .getMessage();
    assertTrue(message.startsWith(section + told), message);
  }
}
