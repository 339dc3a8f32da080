package io.atelier.actors.rewards;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.config.reward.JudgeConfig;
import io.atelier.actors.config.reward.JudgeConfig.Format;
import io.atelier.actors.config.reward.JudgeConfig.Pairs;
import io.atelier.actors.config.reward.JudgeConfig.Question;
import io.atelier.actors.config.section.ServerConfig;
import io.atelier.actors.port.Clock;
import io.atelier.models.vision.ImageCodecs;
import io.atelier.models.vision.Images;
import io.atelier.reward.Reward.Outcome;
import io.atelier.reward.judge.TournamentReward;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** What the tests of judges have in common. */
final class Judges {

  private Judges() {}

  static Question question(int votes) {
    return new Question(
        "vlm", "Drawn for: {prompt}", Format.PNG, true, votes, votes == 1 ? 0 : 1, 100, true);
  }

  static JudgeConfig config(URI url, Question question, Duration timeout, Duration patience) {
    return new JudgeConfig(
        "taste",
        1,
        new ServerConfig("reward.judge.taste", url, timeout, patience, 2, 100),
        "",
        Pairs.ALL,
        question);
  }

  /** One that asks every server once. */
  static TournamentReward reward(JudgeConfig config, Path file) {
    return reward(config, Optional.empty(), file, HttpRewards.NONE, HttpRewards.LONG);
  }

  static TournamentReward reward(
      JudgeConfig config, Optional<String> key, Path file, Pauses pauses, Duration longest) {
    ServerConfig server = config.server();
    ChatJudge judge =
        new ChatJudge(
            config,
            new Endpoint(server, key, new Semaphore(server.parallel())),
            new AnswerCache<>(server.cache()),
            new JudgementFile(file),
            new Patience(server, Clock.system(), pauses),
            Clock.system(),
            longest);
    return new TournamentReward(config.name(), judge, Optional.empty());
  }

  /** Images of 1 x 2 pixels, of which each has its own red. */
  static ImageGroup group(int step, String prompt, int... reds) {
    byte[] rgb = new byte[6 * reds.length];
    for (int i = 0; i < reds.length; i++) {
      rgb[6 * i] = (byte) reds[i];
    }
    return new ImageGroup(
        new GroupId(step, 3), new Prompt(5, prompt), new Images(reds.length, 1, 2, rgb), 1, "");
  }

  /** The red of both images of a request, in their order. */
  static int[] reds(JsonNode request) throws IOException {
    JsonNode content = request.get("messages").get(0).get("content");
    return new int[] {red(content.get(1)), red(content.get(3))};
  }

  private static int red(JsonNode part) throws IOException {
    String url = part.get("image_url").get("url").asText();
    assertTrue(url.startsWith("data:image/png;base64,"), url);
    byte[] png = Base64.getDecoder().decode(url.substring(url.indexOf(',') + 1));
    BufferedImage picture = ImageCodecs.decodePng(new ByteArrayInputStream(png));
    return picture.getRGB(0, 0) >> 16 & 255;
  }

  /** A chat completion with this text. */
  static String says(String text) {
    return says(text, "stop");
  }

  static String says(String text, String end) {
    try {
      return new ObjectMapper()
          .writeValueAsString(
              Map.of(
                  "id",
                  "chatcmpl-1",
                  "object",
                  "chat.completion",
                  "choices",
                  new Object[] {
                    Map.of(
                        "index",
                        0,
                        "message",
                        Map.of("role", "assistant", "content", text),
                        "finish_reason",
                        end)
                  },
                  "usage",
                  Map.of("total_tokens", 9)));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** One that finds the redder image better. */
  static ScriptedServer redder() throws IOException {
    return ScriptedServer.start(
        (exchange, request) -> {
          int[] reds = reds(request);
          ScriptedServer.says(200, says("Redder.\n" + (reds[0] > reds[1] ? "A" : "B")))
              .answer(exchange);
        });
  }

  static Outcome score(JudgeConfig config, Path file, ImageGroup group) {
    try (TournamentReward reward = reward(config, file)) {
      return reward.score(group);
    }
  }

  /** What a file of judgements has. */
  static List<JsonNode> lines(Path file) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
  }

  static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(30, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
