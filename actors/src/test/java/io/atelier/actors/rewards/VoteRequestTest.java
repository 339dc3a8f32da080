package io.atelier.actors.rewards;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.config.reward.JudgeConfig.Format;
import io.atelier.actors.config.reward.JudgeConfig.Question;
import io.atelier.models.vision.Images;
import io.atelier.reward.judge.Match;
import io.atelier.rollout.GroupId;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class VoteRequestTest {

  private static final Images RED = new Images(1, 1, 1, new byte[] {(byte) 200, 0, 0});
  private static final Images BLUE = new Images(1, 1, 1, new byte[] {0, 0, (byte) 200});

  private static JsonNode request(Question question, String prompt) throws IOException {
    return new ObjectMapper()
        .readTree(
            VoteRequest.of(
                question,
                prompt,
                VoteRequest.dataUrl(RED, question.images()),
                VoteRequest.dataUrl(BLUE, question.images()),
                2));
  }

  @Test
  void shouldAskWithBothImagesInOneMessage() throws IOException {
    JsonNode asked =
        request(
            new Question("vlm", "For \"{prompt}\": {prompt}?", Format.PNG, true, 3, 0.7, 99, true),
            "a {prompt} \\1 $2");
    assertEquals("vlm", asked.get("model").asText());
    assertEquals(0.7, asked.get("temperature").asDouble());
    assertEquals(2, asked.get("seed").asInt());
    assertEquals(99, asked.get("max_tokens").asInt());
    assertTrue(asked.get("logprobs").asBoolean());
    assertEquals(5, asked.get("top_logprobs").asInt());
    assertEquals(1, asked.get("messages").size());
    JsonNode message = asked.get("messages").get(0);
    assertEquals("user", message.get("role").asText());
    List<String> types = new ArrayList<>();
    message.get("content").forEach(part -> types.add(part.get("type").asText()));
    assertEquals(List.of("text", "image_url", "text", "image_url", "text"), types);
    assertEquals("Image A:", message.get("content").get(0).get("text").asText());
    assertEquals("Image B:", message.get("content").get(2).get("text").asText());
    assertEquals(
        "For \"a {prompt} \\1 $2\": a {prompt} \\1 $2?",
        message.get("content").get(4).get("text").asText());
    assertArrayEquals(new int[] {200, 0}, reds(message));
  }

  private static int[] reds(JsonNode message) throws IOException {
    int[] reds = new int[2];
    for (int i = 0; i < 2; i++) {
      String url = message.get("content").get(2 * i + 1).get("image_url").get("url").asText();
      assertTrue(url.startsWith("data:image/png;base64,"), url);
      byte[] png = Base64.getDecoder().decode(url.substring(url.indexOf(',') + 1));
      reds[i] = ImageIO.read(new ByteArrayInputStream(png)).getRGB(0, 0) >> 16 & 255;
    }
    return reds;
  }

  @Test
  void shouldSendJpegAndAskForNoProbabilitiesIfToldSo() throws IOException {
    JsonNode asked =
        request(new Question("vlm", "{prompt}", Format.JPEG, true, 1, 0, 9, false), "a fox");
    assertTrue(asked.path("logprobs").isMissingNode());
    assertTrue(asked.path("top_logprobs").isMissingNode());
    String url =
        asked.at("/messages/0/content/1/image_url/url").asText().replaceFirst("(,....).*", "$1");
    assertEquals("data:image/jpeg;base64,/9j/", url);
  }

  /** The page shows what is sent, what is read and what is kept. */
  @Test
  void shouldSendReadAndKeepWhatTheDocsShow() throws IOException {
    Path page = Path.of(System.getProperty("atelier.root"), "docs/judges.md");
    List<String> blocks =
        Pattern.compile("```json\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(page))
            .results()
            .map(block -> block.group(1))
            .toList();
    assertEquals(3, blocks.size());
    JsonNode shown = new ObjectMapper().readTree(blocks.get(0));
    Question question = new Question("vlm", "{prompt}", Format.PNG, true, 1, 0, 1024, true);
    JsonNode sent = request(question, "a fox");
    assertEquals(names(shown), names(sent));
    for (String key : List.of("model", "temperature", "max_tokens", "logprobs", "top_logprobs")) {
      assertEquals(shown.get(key).asText(), sent.get(key).asText(), key);
    }
    for (int part = 0; part < 5; part++) {
      String at = "/messages/0/content/" + part;
      assertEquals(names(shown.at(at)), names(sent.at(at)), at);
    }
    Vote.Cast cast =
        (Vote.Cast) new VoteReply().read(blocks.get(1).getBytes(StandardCharsets.UTF_8));
    assertEquals(0.832018, cast.probability().getAsDouble(), 1e-6);
    JsonNode kept = new ObjectMapper().readTree(blocks.get(2));
    Judgement judgement =
        new Judgement(
            "taste",
            new GroupId(11, 3),
            "a red fox",
            new Match(0, 2, RED, BLUE),
            true,
            0,
            OptionalDouble.of(0.167982),
            "The second fox has a tail.\nA");
    assertEquals(kept, new ObjectMapper().valueToTree(judgement.line()));
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
