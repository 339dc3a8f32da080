package io.atelier.actors.rewards;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.Clock;
import io.atelier.actors.config.EnvironmentException;
import io.atelier.actors.config.HttpRewardConfig;
import io.atelier.actors.config.HttpRewardConfig.Format;
import io.atelier.models.vision.ImageCodecs;
import io.atelier.models.vision.Images;
import io.atelier.reward.Reward.Outcome;
import io.atelier.reward.Reward.RetryLater;
import io.atelier.reward.Reward.Scored;
import io.atelier.reward.Reward.Unscorable;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real servers in this JVM that answer, stall, lie and break. */
@Timeout(60)
class HttpRewardTest {

  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(300);

  private static final Pauses NONE =
      time -> {
        throw new IllegalStateException("nobody is to wait here");
      };

  private static HttpRewardConfig config(URI url, Duration timeout, Duration patience) {
    return config(url, Format.RAW, timeout, patience, 10);
  }

  private static HttpRewardConfig config(
      URI url, Format images, Duration timeout, Duration patience, int cache) {
    return new HttpRewardConfig(
        "style", "reward.http.style", 1, url, images, timeout, patience, 1, cache);
  }

  private static HttpReward reward(HttpRewardConfig config, Clock clock, Pauses pauses) {
    ScoreServer server = new ScoreServer(config, new Semaphore(config.parallel()));
    return new HttpReward(config, server, new ScoreCache(config.cache()), clock, pauses);
  }

  /** One that asks once. */
  private static HttpReward once(URI url, Duration timeout) {
    return reward(config(url, timeout, Duration.ZERO), Clock.system(), NONE);
  }

  /** Two images of 2 x 3 pixels whose bytes count up. */
  private static ImageGroup group(int slot, String prompt, String attributes, int first) {
    byte[] rgb = new byte[2 * 2 * 3 * 3];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (first + 7 * i);
    }
    return new ImageGroup(
        new GroupId(12, slot), new Prompt(5, prompt, attributes), new Images(2, 2, 3, rgb), 1, "");
  }

  private static ImageGroup group() {
    return group(3, "a red fox", "", 0);
  }

  private static float[] total(Outcome outcome) {
    assertTrue(outcome instanceof Scored, () -> "not scored: " + outcome);
    return ((Scored) outcome).total();
  }

  private static String later(Outcome outcome) {
    assertTrue(outcome instanceof RetryLater, () -> "not put off: " + outcome);
    return ((RetryLater) outcome).reason();
  }

  // ---------------------------------------------------------------- the protocol

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
    Scored scored = (Scored) ScoreReply.of(blocks.get(1).getBytes(StandardCharsets.UTF_8), 2);
    assertArrayEquals(new float[] {0.71f, 0.64f}, scored.total());
    assertArrayEquals(new float[] {0.9f, 0.8f}, scored.parts().get("sharpness"));
    Outcome none = ScoreReply.of(blocks.get(2).getBytes(StandardCharsets.UTF_8), 2);
    assertEquals(new Unscorable("the prompt names nobody that I know"), none);
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

  // ---------------------------------------------------------------- what a status means

  @ParameterizedTest
  @ValueSource(ints = {201, 204, 408, 429, 500, 502, 503, 504})
  void shouldPutOffWhatPasses(int status) throws IOException {
    String body = status == 204 ? "" : "{\"scores\": [1, 2]}";
    try (ScriptedServer server = ScriptedServer.start(ScriptedServer.says(status, body))) {
      String said = later(once(server.url(), LONG).score(group()));
      assertTrue(said.contains("HTTP " + status), said);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 404, 405, 413, 422})
  void shouldFailWithWhatStaysWrong(int status) throws IOException {
    try (ScriptedServer server =
        ScriptedServer.start(ScriptedServer.says(status, "no such\nmodel"))) {
      HttpReward reward = reward(config(server.url(), LONG, LONG), Clock.system(), NONE);
      String said =
          assertThrows(EnvironmentException.class, () -> reward.score(group())).getMessage();
      assertEquals(
          "reward.http.style.url: %s answered HTTP %d: \"no such model\"; give another url, or mend what the server says"
              .formatted(server.url(), status),
          said);
      assertEquals(1, server.requests().size());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 307, 308})
  void shouldFollowNoRedirect(int status) throws IOException {
    try (ScriptedServer other =
            ScriptedServer.start(ScriptedServer.says(200, "{\"scores\": [1, 2]}"));
        ScriptedServer server =
            ScriptedServer.start(
                exchange -> {
                  exchange.getResponseHeaders().set("Location", other.url().toString());
                  exchange.sendResponseHeaders(status, -1);
                })) {
      HttpReward reward = once(server.url(), LONG);
      String said =
          assertThrows(EnvironmentException.class, () -> reward.score(group())).getMessage();
      assertTrue(
          said.contains("HTTP %d, which sends on to %s".formatted(status, other.url())), said);
      assertEquals(List.of(), other.requests());
    }
  }

  // ---------------------------------------------------------------- what breaks and stalls

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldBreakOffAReplyThatIsTooLarge(boolean sizeIsSaid) throws IOException {
    AtomicLong sent = new AtomicLong();
    byte[] chunk = " ".repeat(1 << 16).getBytes(StandardCharsets.UTF_8);
    try (ScriptedServer server =
        ScriptedServer.start(
            exchange -> {
              exchange.sendResponseHeaders(200, sizeIsSaid ? Long.MAX_VALUE : 0);
              while (true) { // until the other end has enough
                exchange.getResponseBody().write(chunk);
                sent.addAndGet(chunk.length);
              }
            })) {
      String said = later(once(server.url(), LONG).score(group()));
      assertTrue(said.contains("more than the 1048576 bytes"), said);
      // what is read, and what lies in the buffers of two sockets
      assertTrue(sent.get() < 64 << 20, sent + " bytes were sent");
    }
  }

  /** A head or a space now and then keeps a limit that counts from the last byte from its end. */
  @ParameterizedTest
  @ValueSource(strings = {"no head", "no body", "drips"})
  void shouldEndACallInTimeWhateverComes(String what) throws IOException {
    CountDownLatch over = new CountDownLatch(1);
    AtomicInteger drops = new AtomicInteger();
    try (ScriptedServer server =
        ScriptedServer.start(
            exchange -> {
              try {
                if (what.equals("no head")) {
                  over.await();
                }
                exchange.sendResponseHeaders(200, 0);
                exchange.getResponseBody().flush();
                while (!over.await(5, TimeUnit.MILLISECONDS)) {
                  if (what.equals("drips")) {
                    exchange.getResponseBody().write(' ');
                    exchange.getResponseBody().flush();
                    drops.incrementAndGet();
                  }
                }
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            })) {
      String said = later(once(server.url(), SHORT).score(group()));
      assertTrue(said.contains("no whole reply came within reward.http.style.timeout"), said);
      assertTrue(drops.get() > 0 || !what.equals("drips"), "nothing dripped");
      over.countDown();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"scores\": [1, 2]}", "go"})
  void shouldPutOffWhenTheConnectionBreaks(String sent) throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CompletableFuture<Void> server =
          CompletableFuture.runAsync(
              () -> {
                try (Socket connection = socket.accept()) {
                  InputStream in = connection.getInputStream();
                  while (in.read() != '{') { // its head
                    assertTrue(connection.isConnected());
                  }
                  connection.getOutputStream().write(sent.getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      URI url = URI.create("http://127.0.0.1:%d/score".formatted(socket.getLocalPort()));
      String said = later(once(url, LONG).score(group()));
      assertTrue(said.startsWith(url + ": "), said);
      server.join();
    }
  }

  @Test
  void shouldPutOffWhenNothingListens() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    URI url = URI.create("http://127.0.0.1:%d/score".formatted(port));
    assertEquals(url + ": nothing listens there", later(once(url, LONG).score(group())));
  }

  // ---------------------------------------------------------------- trying again

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

  // ---------------------------------------------------------------- cache and limit

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

  @Test
  void shouldMakeNoMoreCallsAtATimeThanAreAllowed() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    try (ScriptedServer server =
        ScriptedServer.start(
            exchange -> {
              arrived.countDown();
              try {
                over.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              ScriptedServer.says(200, "{\"scores\": [1, 2]}").answer(exchange);
            })) {
      Semaphore one = new Semaphore(1);
      HttpReward first = sharing(one, config(server.url(), LONG, Duration.ZERO));
      HttpReward second = sharing(one, config(server.url(), SHORT, Duration.ZERO));
      CompletableFuture<Outcome> held = CompletableFuture.supplyAsync(() -> first.score(group()));
      arrived.await();
      String said = later(second.score(group()));
      assertTrue(said.contains("other calls of this process"), said);
      assertEquals(1, server.requests().size());
      over.countDown();
      assertArrayEquals(new float[] {1, 2}, total(held.join()));
      assertArrayEquals(new float[] {1, 2}, total(second.score(group())));
    }
  }

  private static HttpReward sharing(Semaphore calls, HttpRewardConfig config) {
    return new HttpReward(
        config, new ScoreServer(config, calls), new ScoreCache(0), Clock.system(), NONE);
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
