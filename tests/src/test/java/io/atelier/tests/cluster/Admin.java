package io.atelier.tests.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.port.Seam;
import io.atelier.actors.transport.HostPort;
import io.atelier.actors.web.AdminToken;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** The HTTP port of a node, for tests. */
final class Admin {

  private static final long PATIENCE_SECONDS = 60;

  private final HttpClient client = HttpClient.newHttpClient();
  private final String address;

  /**
   * @param address {@code host:port}
   */
  Admin(String address) {
    this.address = address;
  }

  /** With the token of the node, if it is to do something. */
  HttpResponse<String> send(String method, String path, String... headers)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of(headers));
    if (method.equals("POST")) {
      HostPort at = HostPort.parse(address).orElseThrow();
      AdminToken.authorization(at.host(), at.port(), System.getenv())
          .ifPresent(token -> all.addAll(List.of("Authorization", token)));
    }
    return sendAsIs(method, path, all.toArray(String[]::new));
  }

  /** Without the token, unless that is among the headers. */
  HttpResponse<String> sendAsIs(String method, String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + address + path))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  JsonNode status() throws IOException, InterruptedException {
    return new ObjectMapper().readTree(send("GET", "/status").body());
  }

  /** Asks again and again until the run is as it should be. */
  JsonNode awaitStatus(String what, Predicate<JsonNode> holds)
      throws IOException, InterruptedException {
    return await(what, () -> status(), status -> !status.get("run").isNull() && holds.test(status));
  }

  /** Something that may fail while a node starts. */
  interface Call<T> {
    T get() throws IOException, InterruptedException;
  }

  @Seam("waits for another process, which tells nothing by itself")
  static <T> T await(String what, Call<T> call, Predicate<T> holds)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (true) {
      T value;
      try {
        value = call.get();
        if (holds.test(value)) {
          return value;
        }
      } catch (IOException e) {
        value = null; // does not listen yet
      }
      if (System.nanoTime() > end) {
        throw new AssertionError(
            "not within %d s: %s; %s".formatted(PATIENCE_SECONDS, what, value));
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
  }
}
