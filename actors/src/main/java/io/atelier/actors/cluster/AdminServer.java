package io.atelier.actors.cluster;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.atelier.actors.RunStatus;
import io.atelier.actors.config.ClusterConfig;
import io.atelier.actors.config.InvalidConfigException;
import io.atelier.actors.run.RunMeters;
import io.atelier.actors.transport.DataPlane;
import io.atelier.actors.transport.HostPort;
import io.atelier.actors.web.QueryString;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node answers over HTTP: {@code GET /health}, {@code /metrics} and {@code /status} to
 * everybody who can reach its port, {@code POST /pause}, {@code /resume}, {@code /amend}, {@code
 * /drain} and {@code /down} to this machine only, and never to a page in a browser.
 */
final class AdminServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
  private static final int BACKLOG = 16;

  /** A slow scrape, or a client that stalls until it is cut off, keeps one; the others answer. */
  private static final int THREADS = 8;

  private record Answer(int status, String type, byte[] body) {
    private static Answer text(int status, String line) {
      return new Answer(
          status, "text/plain; charset=utf-8", (line + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  private final String host;
  private final NodeControl control;
  private final NodeMetrics metrics;
  private final HttpServer server;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(THREADS, AdminServer::thread);

  private AdminServer(String host, HttpServer server, NodeControl control, NodeMetrics metrics) {
    this.host = host;
    this.server = server;
    this.control = control;
    this.metrics = metrics;
    server.setExecutor(threads);
    get("/health", query -> health());
    get(
        "/metrics",
        query ->
            new Answer(200, RunMeters.TYPE, metrics.scrape().getBytes(StandardCharsets.UTF_8)));
    get("/status", query -> status());
    post("/pause", query -> done(control.pause(true)));
    post("/resume", query -> done(control.pause(false)));
    post("/amend", this::amend);
    post("/drain", query -> done(control.drain(query.getOrDefault("node", ""))));
    post("/down", query -> done(control.down(query.getOrDefault("node", ""))));
    server.createContext(
        "/",
        exchange -> send(exchange, Answer.text(404, "there is no " + exchange.getRequestURI())));
    server.start();
  }

  /**
   * Listens, if the configuration has a port.
   *
   * @param led figures of the run that this node leads, or led last
   * @throws InvalidConfigException if the port is taken, or the host is not this machine
   */
  static Optional<AdminServer> start(
      ClusterConfig config,
      NodeControl control,
      DataPlane plane,
      Supplier<Optional<RunMeters>> led) {
    if (config.adminPort() < 0) {
      return Optional.empty();
    }
    try {
      InetSocketAddress address = new InetSocketAddress(config.adminHost(), config.adminPort());
      HttpServer server = HttpServer.create(address, BACKLOG);
      return Optional.of(
          new AdminServer(
              HostPort.bare(config.adminHost()),
              server,
              control,
              new NodeMetrics(control, plane, led)));
    } catch (BindException e) {
      throw new InvalidConfigException(
          "cluster.admin-port: port %d of %s is taken; choose another, or 0 for any that is free"
              .formatted(config.adminPort(), config.adminHost()),
          e);
    } catch (IOException e) {
      throw new InvalidConfigException(
          "nobody can listen at cluster.admin-host %s: %s".formatted(config.adminHost(), e), e);
    }
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "admin");
    thread.setDaemon(true);
    return thread;
  }

  /** Where this node answers, {@code host:port}. */
  String address() {
    return new HostPort(host, server.getAddress().getPort()).toString();
  }

  // ---------------------------------------------------------------- answers

  private Answer health() {
    return control
        .notReady()
        .map(reason -> Answer.text(503, reason))
        .orElseGet(() -> Answer.text(200, "ready"));
  }

  private Answer status() {
    Optional<RunStatus> run = Optional.empty();
    String why = "";
    try {
      run = Optional.of(control.status());
    } catch (NodeControl.UnavailableException e) {
      why = e.getMessage();
    }
    return new Answer(
        200, "application/json", StatusJson.of(control.self(), control.members(), run, why));
  }

  private Answer amend(Map<String, String> query) {
    double value;
    try {
      value = Double.parseDouble(query.getOrDefault("value", ""));
    } catch (NumberFormatException e) {
      return Answer.text(400, "value %s is no number".formatted(query.get("value")));
    }
    return done(control.amend(query.getOrDefault("key", ""), value, query.getOrDefault("why", "")));
  }

  private static Answer done(RunStatus.Done done) {
    return Answer.text(done.done() ? 200 : 404, done.message());
  }

  // ---------------------------------------------------------------- requests

  private void get(String path, Function<Map<String, String>, Answer> handler) {
    serve(path, "GET", handler);
  }

  private void post(String path, Function<Map<String, String>, Answer> handler) {
    serve(path, "POST", handler);
  }

  private void serve(String path, String method, Function<Map<String, String>, Answer> handler) {
    server.createContext(
        path,
        exchange -> {
          Answer answer;
          try {
            answer =
                refusal(exchange, path, method)
                    .orElseGet(
                        () ->
                            handler.apply(
                                QueryString.parse(exchange.getRequestURI().getRawQuery())));
          } catch (NodeControl.UnavailableException e) {
            answer = Answer.text(503, e.getMessage());
          } catch (RuntimeException e) {
            LOG.error("{} {} failed", method, path, e);
            answer = Answer.text(500, e.toString());
          }
          send(exchange, answer);
        });
  }

  private static Optional<Answer> refusal(HttpExchange exchange, String path, String method) {
    if (!exchange.getRequestURI().getPath().equals(path)) {
      return Optional.of(Answer.text(404, "there is no " + exchange.getRequestURI().getPath()));
    }
    if (!exchange.getRequestMethod().equals(method)) {
      return Optional.of(Answer.text(405, "%s is for %s".formatted(path, method)));
    }
    if (method.equals("GET")) {
      return Optional.empty();
    }
    InetAddress from = exchange.getRemoteAddress().getAddress();
    if (!from.isLoopbackAddress()) {
      return Optional.of(
          Answer.text(
              403, "commands are taken from the node's own machine only, not from " + from));
    }
    return exchange.getRequestHeaders().containsKey("Origin")
        ? Optional.of(Answer.text(403, "commands are not taken from web pages"))
        : Optional.empty();
  }

  private static void send(HttpExchange exchange, Answer answer) throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("Content-Type", answer.type());
      exchange.sendResponseHeaders(answer.status(), answer.body().length);
      exchange.getResponseBody().write(answer.body());
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdown();
    metrics.close();
  }
}
