package io.atelier.actors.rewards;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server on this machine that answers as a test says, and keeps what it was asked. */
final class ScriptedServer implements AutoCloseable {

  /** How a request is answered. */
  interface Script {
    void answer(HttpExchange exchange) throws IOException;
  }

  /** The same by what is asked. */
  interface Answers {
    void answer(HttpExchange exchange, JsonNode request) throws IOException;
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<JsonNode> requests = new CopyOnWriteArrayList<>();

  private ScriptedServer(int port, Answers answers) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(threads);
    server.createContext(
        "/score",
        exchange -> {
          try (exchange) {
            JsonNode request =
                new ObjectMapper().readTree(exchange.getRequestBody().readAllBytes());
            requests.add(request);
            answers.answer(exchange, request);
          }
        });
    server.start();
  }

  static ScriptedServer start(Script script) throws IOException {
    return start(0, script);
  }

  /** The same on a port; 0 takes any that is free. */
  static ScriptedServer start(int port, Script script) throws IOException {
    return new ScriptedServer(port, (exchange, request) -> script.answer(exchange));
  }

  /** One that looks at what is asked. */
  static ScriptedServer start(Answers answers) throws IOException {
    return new ScriptedServer(0, answers);
  }

  /** Always the same answer. */
  static Script says(int status, String body) {
    return exchange -> {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    };
  }

  int port() {
    return server.getAddress().getPort();
  }

  URI url() {
    return URI.create("http://127.0.0.1:%d/score".formatted(port()));
  }

  /** Bodies of all requests so far. */
  List<JsonNode> requests() {
    return requests;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
