package io.atelier.actors.node;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.atelier.actors.config.cluster.ClusterConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.protocol.RunStatus;
import io.atelier.actors.report.UnansweredException;
import io.atelier.actors.run.record.RunMeters;
import io.atelier.actors.transport.HostPort;
import io.atelier.actors.transport.plane.DataPlane;
import io.atelier.actors.web.AdminToken;
import io.atelier.actors.web.PageServer;
import io.atelier.actors.web.StatusJson;
import io.atelier.actors.web.index.QueryString;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node answers over HTTP: {@code GET /health}, {@code /metrics}, {@code /status}, and {@code
 * /}, which leads to the page of the run, to everybody who can reach its port, {@code POST /pause},
 * {@code /resume}, {@code /amend}, {@code /drain} and {@code /down} to this machine only, to who
 * has the token of the node, and never to a page in a browser.
 */
final class AdminServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int BACKLOG = 16;

  /** A slow scrape, or a client that stalls until it is cut off, keeps one; the others answer. */
  private static final int THREADS = 8;

  private final String host;
  private final NodeControl control;
  private final NodeMetrics metrics;
  private final HttpServer server;
  private final AdminToken token;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(THREADS, AdminServer::thread);

  private AdminServer(
      String host, HttpServer server, AdminToken token, NodeControl control, NodeMetrics metrics) {
    this.host = host;
    this.token = token;
    this.server = server;
    this.control = control;
    this.metrics = metrics;
    server.setExecutor(threads);
    get("/health", query -> health());
    get("/metrics", query -> new AdminAnswer(200, RunMeters.TYPE, metrics.scrape()));
    get("/status", query -> status());
    post("/pause", query -> done(control.pause(true)));
    post("/resume", query -> done(control.pause(false)));
    post("/amend", this::amend);
    post("/drain", query -> done(control.drain(query.getOrDefault("node", ""))));
    post("/down", query -> done(control.down(query.getOrDefault("node", ""))));
    serve("/", "GET", this::page);
    server.start();
  }

  /**
   * Listens, if the configuration has a port.
   *
   * @param led figures of the run that this node leads, or led last
   * @param environment may have the token for commands
   * @throws InvalidConfigException if the port is taken, or the host is not this machine
   */
  static Optional<AdminServer> start(
      ClusterConfig config,
      NodeControl control,
      DataPlane plane,
      Supplier<Optional<RunMeters>> led,
      Map<String, String> environment) {
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
              token(server, environment),
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

  /** Once it listens, so that no other node has its address. */
  private static AdminToken token(HttpServer server, Map<String, String> environment) {
    try {
      return AdminToken.open(server.getAddress(), environment);
    } catch (InvalidConfigException e) {
      server.stop(0);
      throw e;
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

  private AdminAnswer health() {
    return control
        .notReady()
        .map(reason -> AdminAnswer.text(503, reason))
        .orElseGet(() -> AdminAnswer.text(200, "ready"));
  }

  private AdminAnswer status() {
    ObjectNode status = JSON.createObjectNode().put("node", control.self());
    status.set("members", JSON.valueToTree(control.members()));
    status.setAll(StatusJson.of(control::status));
    return new AdminAnswer(200, "application/json", status.toPrettyString());
  }

  /** Where the page of the run is, which listens to its own machine alone. */
  private AdminAnswer page(HttpExchange exchange) {
    RunStatus run = control.status();
    String host = HostPort.parse(run.leader()).map(HostPort::host).orElse(run.leader());
    if (run.page().isEmpty()) {
      return AdminAnswer.text(
          404,
          "this run has no page: page.port is -1 where it is led, or no port was free; its log"
              + " says which");
    }
    AdminAnswer sentence =
        AdminAnswer.text(
            200,
            "the page of this run is %s on %s, which listens to that machine alone; elsewhere: ssh -L %s:%s %s"
                .formatted(
                    run.page(), host, PageServer.PORT, run.page().replace("http://", ""), host));
    boolean here =
        exchange.getRemoteAddress().getAddress().isLoopbackAddress()
            && control.self().startsWith(HostPort.bracketed(host) + ":");
    return here ? sentence.to(run.page()) : sentence;
  }

  private AdminAnswer amend(Map<String, String> query) {
    double value;
    try {
      value = Double.parseDouble(query.getOrDefault("value", ""));
    } catch (NumberFormatException e) {
      return AdminAnswer.text(400, "value %s is no number".formatted(query.get("value")));
    }
    return done(control.amend(query.getOrDefault("key", ""), value, query.getOrDefault("why", "")));
  }

  private static AdminAnswer done(RunStatus.Done done) {
    return AdminAnswer.text(done.done() ? 200 : 404, done.message());
  }

  // ---------------------------------------------------------------- requests

  private void get(String path, Function<Map<String, String>, AdminAnswer> handler) {
    serve(path, "GET", exchange -> handler.apply(query(exchange)));
  }

  private void post(String path, Function<Map<String, String>, AdminAnswer> handler) {
    serve(path, "POST", exchange -> handler.apply(query(exchange)));
  }

  private static Map<String, String> query(HttpExchange exchange) {
    return QueryString.parse(exchange.getRequestURI().getRawQuery());
  }

  private void serve(String path, String method, Function<HttpExchange, AdminAnswer> handler) {
    server.createContext(
        path,
        exchange -> {
          AdminAnswer answer;
          try {
            answer = refusal(exchange, path, method).orElseGet(() -> handler.apply(exchange));
          } catch (UnansweredException e) {
            answer = AdminAnswer.text(503, e.getMessage());
          } catch (RuntimeException e) {
            LOG.error("{} {} failed", method, path, e);
            answer = AdminAnswer.text(500, e.toString());
          }
          answer.send(exchange);
        });
  }

  private Optional<AdminAnswer> refusal(HttpExchange exchange, String path, String method) {
    if (!exchange.getRequestURI().getPath().equals(path)) {
      return Optional.of(
          AdminAnswer.text(404, "there is no " + exchange.getRequestURI().getPath()));
    }
    if (!exchange.getRequestMethod().equals(method)) {
      return Optional.of(AdminAnswer.text(405, "%s is for %s".formatted(path, method)));
    }
    if (method.equals("GET")) {
      return Optional.empty();
    }
    InetAddress from = exchange.getRemoteAddress().getAddress();
    if (!from.isLoopbackAddress()) {
      return Optional.of(
          AdminAnswer.text(
              403, "commands are taken from the node's own machine only, not from " + from));
    }
    if (exchange.getRequestHeaders().containsKey("Origin")) {
      return Optional.of(AdminAnswer.text(403, "commands are not taken from web pages"));
    }
    return token.isIn(exchange.getRequestHeaders().getFirst("Authorization"))
        ? Optional.empty()
        : Optional.of(AdminAnswer.unauthorized(token.hint()));
  }

  @Override
  public void close() {
    token.close(); // before another node can have the address
    server.stop(0);
    threads.shutdown();
    metrics.close();
  }
}
