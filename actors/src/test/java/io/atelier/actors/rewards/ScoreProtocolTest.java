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
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.config.reward.HttpRewardConfig;
import io.atelier.actors.config.reward.HttpRewardConfig.Format;
import io.atelier.actors.port.Clock;
import io.atelier.models.files.FileException;
import io.atelier.models.vision.ImageCodecs;
import io.atelier.reward.Reward.Outcome;
import io.atelier.reward.Reward.Scored;
import io.atelier.reward.Reward.Unscorable;
import io.atelier.rollout.ImageGroup;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What is sent to a real server in this JVM, and what of its replies is read. */
@Timeout(60)
class ScoreProtocolTest {

  @ParameterizedTest
  @EnumSource(Format.class)
  void shouldPostWhatTheProtocolSays(Format format) throws IOException {
    List<String> heads = new ArrayList<>();
    try (ScriptedServer server =
        ScriptedServer.start(
            exchange -> {
              heads.add(exchange.getRequestMethod());
              heads.add(exchange.getRequestHeaders().getFirst("Content-Type"));
              ScriptedServer.says(200, "{\"scores\": [1, 2]}").answer(exchange);
            })) {
      ImageGroup group = group(3, "a \"red\" fox", "{\"tag\":\"colours\",\"n\":[1,2]}", 0);
      HttpRewardConfig config = config(server.url(), format, LONG, Duration.ZERO, 0);
      total(reward(config, Clock.system(), NONE).score(group));
      assertEquals(List.of("POST", "application/json"), heads);
      JsonNode asked = server.requests().get(0);
      assertEquals(
          List.of(
              "version", "group", "prompt", "attributes", "format", "height", "width", "images"),
          names(asked));
      assertEquals(1, asked.get("version").asInt());
      assertEquals("12.3", asked.get("group").asText());
      assertEquals("a \"red\" fox", asked.get("prompt").asText());
      assertEquals("{\"tag\":\"colours\",\"n\":[1,2]}", asked.get("attributes").toString());
      assertEquals(format.key(), asked.get("format").asText());
      assertEquals(2, asked.get("height").asInt());
      assertEquals(3, asked.get("width").asInt());
      assertEquals(2, asked.get("images").size());
      for (int i = 0; i < 2; i++) {
        byte[] sent = asked.get("images").get(i).binaryValue();
        assertArrayEquals(
            group.images().get(i).rgb(), format == Format.RAW ? sent : decoded(sent), "image " + i);
      }
    }
  }

  @Test
  void shouldSendAndReadWhatTheDocsShow() throws IOException {
    Path page = Path.of(System.getProperty("atelier.root"), "docs/http-rewards.md");
    List<String> blocks =
        Pattern.compile("```json\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(page))
            .results()
            .map(block -> block.group(1))
            .toList();
    assertEquals(3, blocks.size());
    JsonNode shown = new ObjectMapper().readTree(blocks.get(0));
    JsonNode sent =
        new ObjectMapper()
            .readTree(
                ScoreRequest.of(group(3, "a red fox", "{\"tag\":\"colours\"}", 0), Format.PNG));
    for (String key : List.of("version", "group", "prompt", "attributes", "format")) {
      assertEquals(shown.get(key), sent.get(key), key);
    }
    assertEquals(names(shown), names(sent));
    Scored scored = (Scored) new ScoreReply(2).read(blocks.get(1).getBytes(StandardCharsets.UTF_8));
    assertArrayEquals(new float[] {0.71f, 0.64f}, scored.total());
    assertArrayEquals(new float[] {0.9f, 0.8f}, scored.parts().get("sharpness"));
    Outcome none = new ScoreReply(2).read(blocks.get(2).getBytes(StandardCharsets.UTF_8));
    assertEquals(new Unscorable("the prompt names nobody that I know"), none);
  }

  /** Nothing else comes out, and no other exception: whatever a worker threw would end it. */
  @Test
  void shouldReadFiniteScoresOrRefuseWhateverAReplyTurnsInto() {
    long seed = Long.getLong("atelier.seed", 1);
    Random random = new Random(seed);
    String whole = "{\"scores\": [0.5, -1e3], \"parts\": {\"a\": [1, 2]}, \"unscorable\": null}";
    String pieces = "{}[]:,\"\\0123456789eE+-. NaInfulsrt";
    int scored = 0;
    int refused = 0;
    for (int n = 0; n < 20_000; n++) {
      StringBuilder reply = new StringBuilder(whole);
      for (int changes = random.nextInt(4); changes >= 0; changes--) {
        int at = random.nextInt(reply.length());
        char piece = pieces.charAt(random.nextInt(pieces.length()));
        switch (random.nextInt(3)) {
          case 0 -> reply.setCharAt(at, piece);
          case 1 -> reply.insert(at, piece);
          default -> reply.setLength(random.nextInt(20) == 0 ? at + 1 : reply.length());
        }
      }
      try {
        Outcome outcome = new ScoreReply(2).read(reply.toString().getBytes(StandardCharsets.UTF_8));
        if (outcome instanceof Scored read) {
          assertEquals(2, read.total().length, reply::toString);
          read.parts().values().forEach(part -> assertEquals(2, part.length, reply::toString));
          scored++;
        }
      } catch (FileException e) {
        refused++;
      }
    }
    assertTrue(scored > 1000 && refused > 1000, scored + " and " + refused + " of seed " + seed);
  }

  @Test
  void shouldRefuseWhatIsNestedWithoutEnd() {
    byte[] reply = "[".repeat(new ScoreReply(2).largest()).getBytes(StandardCharsets.UTF_8);
    assertThrows(FileException.class, () -> new ScoreReply(2).read(reply));
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static byte[] decoded(byte[] png) throws IOException {
    BufferedImage picture = ImageCodecs.decodePng(new ByteArrayInputStream(png));
    byte[] rgb = new byte[3 * picture.getWidth() * picture.getHeight()];
    int at = 0;
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        for (int shift = 16; shift >= 0; shift -= 8) {
          rgb[at++] = (byte) (picture.getRGB(x, y) >> shift);
        }
      }
    }
    return rgb;
  }

  @Test
  void shouldGiveScoresAndPartsAsTheyWereSent() throws IOException {
    String reply =
        "{\"scores\": [0.1, -3], \"parts\": {\"sharp-2\": [1e3, 2], \"colour\": [0, 0.30000001]}}";
    try (ScriptedServer server = ScriptedServer.start(ScriptedServer.says(200, reply))) {
      Scored scored = (Scored) once(server.url(), LONG).score(group());
      assertArrayEquals(new float[] {0.1f, -3}, scored.total());
      assertEquals(List.of("colour", "sharp-2"), List.copyOf(scored.parts().keySet()));
      assertArrayEquals(new float[] {1000, 2}, scored.parts().get("sharp-2"));
      assertArrayEquals(new float[] {0, 0.3f}, scored.parts().get("colour"));
    }
  }

  @Test
  void shouldSayInOneLineWhyAGroupIsUnscorable() throws IOException {
    String reply = "{\"unscorable\": \"no\\nsuch \\u001b[31mface\\u2028here %s\"}";
    try (ScriptedServer server =
        ScriptedServer.start(ScriptedServer.says(200, reply.formatted("x".repeat(1000))))) {
      Outcome outcome = once(server.url(), LONG).score(group());
      assertTrue(outcome instanceof Unscorable, outcome.toString());
      String reason = ((Unscorable) outcome).reason();
      assertTrue(reason.startsWith("no such [31mface here xxx"), reason);
      assertEquals(203, reason.length());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "''                                               | not a JSON object",
        "\u009b2J\u202e                                     | not valid JSON",
        "<html>busy</html>                                | it was \"<html>busy</html>\"",
        "[1, 2]                                           | not a JSON object",
        "{\"scores\": [1,                                 | breaks off",
        "{\"scores\": [1, 2]} {}                          | there is more after its end",
        "{}                                               | \"scores\" is missing",
        "{\"scores\": [1]}                                | a list of 2 numbers",
        "{\"scores\": [1, 2, 3]}                          | a list of 2 numbers",
        "{\"scores\": 1}                                  | a list of 2 numbers",
        "{\"scores\": null}                               | a list of 2 numbers",
        "{\"scores\": [1, NaN]}                           | NaN",
        "{\"scores\": [1, Infinity]}                      | Infinity",
        "{\"scores\": [1, 1e400]}                         | image 1",
        "{\"scores\": [-1e39, 1]}                         | image 0 has -1.0E39",
        "{\"scores\": [1, \"2\"]}                         | image 1 has \"2\"",
        "{\"scores\": [1, null]}                          | image 1 has null",
        "{\"scores\": [true, 1]}                          | image 0 has true",
        "{\"scores\": [1, 2], \"scores\": [3, 4]}         | Duplicate field 'scores'",
        "{\"scores\": [0, 0], \"error\": \"no memory\"}   | \"error\": \"no memory\"",
        "{\"scores\": [1, 2], \"unscorable\": \"no\"}     | beside \"scores\"",
        "{\"unscorable\": 7}                              | \"unscorable\": 7 should be a text",
        "{\"scores\": [1, 2], \"parts\": [1, 2]}          | \"parts\": [1,2]",
        "{\"scores\": [1, 2], \"parts\": {\"a\": [1]}}    | parts: \"a\": [1] should be a list of 2",
        "{\"scores\": [1, 2], \"parts\": {\"a\": [1, NaN]}} | NaN",
        "{\"scores\": [1, 2], \"parts\": {\"A/b\": [1, 2]}} | should have a name of",
      })
  void shouldPutOffAndSayWhatIsNotTheProtocol(String reply, String reason) throws IOException {
    try (ScriptedServer server = ScriptedServer.start(ScriptedServer.says(200, reply))) {
      String said = later(once(server.url(), LONG).score(group()));
      assertTrue(said.startsWith(server.url() + ": ") && said.contains(reason), said);
      assertTrue(said.length() < 700 && said.matches("[^\\p{Cc}\\p{Cf}]+"), said);
    }
  }

  @Test
  void shouldRefuseAGroupThatNoRequestHolds() {
    IllegalArgumentException tooLarge =
        assertThrows(
            IllegalArgumentException.class, () -> ScoreRequest.requireFits(64, 2048, 2048));
    assertTrue(
        tooLarge.getMessage().contains("64 images of 2048 x 2048 pixels have 805306368 bytes"),
        tooLarge.getMessage());
    ScoreRequest.requireFits(24, 1024, 1024);
  }
}
