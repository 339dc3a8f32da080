package io.atelier.tests.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.atelier.models.vision.ImageCodecs;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntPredicate;

/**
 * A judge as docs/judges.md describes them, which prefers images that are red rather than blue, and
 * says how sure it is: the log-probabilities of A and B are minus the logistic loss of the mean
 * difference.
 */
public final class RednessJudge implements AutoCloseable {

  /** A model of it that never names a letter. */
  static final String UNDECIDED = "undecided";

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<String> pairs = new CopyOnWriteArrayList<>();
  private final IntPredicate breaks;

  private RednessJudge(int port, IntPredicate breaks) throws IOException {
    this.breaks = breaks;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(threads);
    server.createContext("/v1/chat/completions", this::judge);
    server.start();
  }

  /** One that is always up, on any free port. */
  public static RednessJudge start() throws IOException {
    return start(0, request -> false);
  }

  /**
   * The same on a port.
   *
   * @param breaks the numbers of requests, from 1, at which the connection breaks
   */
  static RednessJudge start(int port, IntPredicate breaks) throws IOException {
    return new RednessJudge(port, breaks);
  }

  int port() {
    return server.getAddress().getPort();
  }

  /** What a run is told to be judged by it. */
  public List<String> settings() {
    return List.of(
        "reward.judge.red.url=http://127.0.0.1:%d/v1/chat/completions".formatted(port()),
        "reward.judge.red.model=redness");
  }

  /** Both images and the prompt of each request that was answered so far. */
  public List<String> pairs() {
    return pairs;
  }

  private void judge(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonNode asked = new ObjectMapper().readTree(exchange.getRequestBody().readAllBytes());
      List<String> images = new ArrayList<>();
      for (JsonNode part : asked.at("/messages/0/content")) {
        if (part.has("image_url")) {
          images.add(
              part.at("/image_url/url").asText().replaceFirst("^data:image/png;base64,", ""));
        }
      }
      synchronized (pairs) {
        pairs.add(images + asked.at("/messages/0/content/4/text").asText());
        if (breaks.test(pairs.size())) {
          pairs.remove(pairs.size() - 1);
          return;
        }
      }
      if (asked.get("model").asText().equals(UNDECIDED)) {
        answer(
            exchange,
            """
            {"choices": [{"finish_reason": "stop", "message": {"content": "Both are fine."}}]}
            """);
        return;
      }
      if (images.size() == 1) { // is it blue?
        double red = redness(images.get(0)) / 255;
        answer(
            exchange,
            """
            {"choices": [{"index": 0, "finish_reason": "length",
              "message": {"role": "assistant", "content": "no"},
              "logprobs": {"content": [{"token": "no", "logprob": %1$s, "top_logprobs": [
                {"token": "no", "logprob": %1$s}, {"token": "yes", "logprob": %2$s}]}]}}]}
            """
                .formatted(-Math.log1p(Math.exp(-red)), -Math.log1p(Math.exp(red))));
        return;
      }
      double ahead = redness(images.get(0)) - redness(images.get(1));
      double lpA = -Math.log1p(Math.exp(-ahead));
      double lpB = -Math.log1p(Math.exp(ahead));
      String letter = ahead > 0 ? "A" : "B";
      answer(
          exchange,
          """
          {"choices": [{"index": 0, "finish_reason": "stop",
            "message": {"role": "assistant", "content": "%2$s is redder.\\n%2$s"},
            "logprobs": {"content": [
              {"token": "%2$s is redder.\\n", "logprob": -0.1, "top_logprobs": []},
              {"token": "%2$s", "logprob": %1$s, "top_logprobs": [
                {"token": "A", "logprob": %3$s}, {"token": "B", "logprob": %4$s}]}]}}]}
          """
              .formatted(Math.max(lpA, lpB), letter, lpA, lpB));
    }
  }

  private static void answer(HttpExchange exchange, String reply) throws IOException {
    byte[] bytes = reply.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  /** Mean over all pixels of R - B. */
  private static double redness(String png) throws IOException {
    BufferedImage picture =
        ImageCodecs.decodePng(new ByteArrayInputStream(Base64.getDecoder().decode(png)));
    double sum = 0;
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        int rgb = picture.getRGB(x, y);
        sum += (rgb >> 16 & 255) - (rgb & 255);
      }
    }
    return sum / (picture.getHeight() * picture.getWidth());
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
