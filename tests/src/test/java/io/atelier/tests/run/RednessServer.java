package io.atelier.tests.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.atelier.actors.port.Seam;
import io.atelier.models.vision.ImageCodecs;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntPredicate;

/**
 * A server as docs/http-rewards.md describes them, which gives images points for being red rather
 * than blue: sum over all pixels of R - B.
 */
public final class RednessServer implements AutoCloseable {

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<String> groups = new CopyOnWriteArrayList<>();
  private final IntPredicate breaks;

  private RednessServer(int port, IntPredicate breaks) throws IOException {
    this.breaks = breaks;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(threads);
    server.createContext("/score", this::score);
    server.start();
  }

  /** One that is always up, on any free port. */
  public static RednessServer start() throws IOException {
    return start(0, request -> false);
  }

  /**
   * The same on a port.
   *
   * @param breaks the numbers of requests, from 1, at which the connection breaks
   */
  static RednessServer start(int port, IntPredicate breaks) throws IOException {
    return new RednessServer(port, breaks);
  }

  /** One that takes a time over each request in which it does not compute, as a GPU would. */
  public static RednessServer startSlow(int millis) throws IOException {
    return start(0, request -> takeTime(millis));
  }

  @Seam("it stands for a computation, which takes its time")
  private static boolean takeTime(int millis) {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
    return false;
  }

  int port() {
    return server.getAddress().getPort();
  }

  /** What a run is told to be scored by it. */
  public String setting() {
    return "reward.http.red.url=http://127.0.0.1:%d/score".formatted(port());
  }

  /** The group of each request so far. */
  public List<String> groups() {
    return groups;
  }

  private void score(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonNode asked = new ObjectMapper().readTree(exchange.getRequestBody().readAllBytes());
      groups.add(asked.get("group").asText());
      if (breaks.test(groups.size())) {
        return;
      }
      StringBuilder scores = new StringBuilder();
      for (JsonNode image : asked.get("images")) {
        scores.append(scores.isEmpty() ? "" : ", ").append(redness(image.binaryValue()));
      }
      byte[] reply = "{\"scores\": [%s]}".formatted(scores).getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, reply.length);
      exchange.getResponseBody().write(reply);
    }
  }

  private static long redness(byte[] png) throws IOException {
    BufferedImage picture = ImageCodecs.decodePng(new ByteArrayInputStream(png));
    long sum = 0;
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        int rgb = picture.getRGB(x, y);
        sum += (rgb >> 16 & 255) - (rgb & 255);
      }
    }
    return sum;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
