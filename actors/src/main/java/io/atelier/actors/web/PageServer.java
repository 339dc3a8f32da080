package io.atelier.actors.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.port.Clock;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.run.file.Storage;
import io.atelier.actors.run.record.RunMeters;
import io.atelier.actors.transport.HostPort;
import io.atelier.actors.web.index.Answer;
import io.atelier.actors.web.index.Thumbnails;
import io.atelier.actors.web.view.RunShelf;
import io.atelier.actors.web.view.RunView;
import java.io.IOException;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the page and what it reads of the runs on a {@link RunShelf}. Without {@link Steering} it
 * answers {@code GET} and {@code HEAD} alone and changes nothing. DNS rebinding is prevented: the
 * header {@code Host} must be an address or the name that the server listens at, so that no other
 * site's name can lead here.
 */
public final class PageServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PageServer.class);

  /** Port of the page unless it is taken. */
  public static final int PORT = 25600;

  /** Ports after the wanted one that are tried. */
  private static final int TRIES = 20;

  private static final int MAX_PORT = 65_535;

  private static final int BACKLOG = 32;

  /** Making a thumbnail occupies one for a while; the others answer. */
  private static final int THREADS = 8;

  /** uPlot and the page set styles by script, for which the policy needs no exception. */
  private static final String POLICY =
      "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
          + " object-src 'none'";

  private static final Pattern PLAIN = Pattern.compile("/[A-Za-z0-9._~/-]*");
  private static final Pattern RUN = Pattern.compile("/run/([^/]+)/([a-z]+)(?:/(.+))?");
  private static final Pattern BLIND = Pattern.compile("/blind/([0-9a-f]{32})");
  private static final Pattern STEP = Pattern.compile("(?:^|&)step=([0-9]{1,9})(?:&|$)");
  private static final Pattern SIDE = Pattern.compile("(?:^|&)w=([0-9]{1,4})(?:&|$)");

  private final String host;
  private final RunShelf shelf;
  private final Optional<Steering> steering;
  private final Clock clock;
  private final HttpServer server;
  private final PageFiles pages = new PageFiles();
  private final BlindPairs blind = new BlindPairs();
  private final SampleProcess samples = new SampleProcess();
  private final PagePosts posts;
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS, PageServer::thread);

  private PageServer(
      String host, HttpServer server, RunShelf shelf, Optional<Steering> steering, Clock clock) {
    this.host = host;
    this.server = server;
    this.shelf = shelf;
    this.steering = steering;
    this.clock = clock;
    this.posts = new PagePosts(shelf, steering, blind, samples, clock);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /**
   * Starts a server.
   *
   * @param host address or name to listen at
   * @param port 0 for any that is free
   * @param exact whether only this port will do
   * @param steering of the one run on the shelf, or of opinions; empty for a read-only page
   * @throws InvalidConfigException if no port is free, or the host is not this machine
   */
  public static PageServer start(
      String host,
      int port,
      boolean exact,
      RunShelf shelf,
      Optional<Steering> steering,
      Clock clock) {
    String bare = HostPort.bare(host);
    if (port < 0 || port > MAX_PORT) {
      throw new InvalidConfigException(
          "port %d is invalid; must be 0 to %d, 0 for any that is free".formatted(port, MAX_PORT));
    }
    int tries = exact || port == 0 ? 1 : TRIES;
    for (int i = 0; ; i++) {
      try {
        HttpServer server =
            HttpServer.create(new InetSocketAddress(bare, Math.min(MAX_PORT, port + i)), BACKLOG);
        return new PageServer(bare, server, shelf, steering, clock);
      } catch (BindException e) {
        if (i + 1 == tries) {
          throw new InvalidConfigException(
              "port %d of %s is taken; choose another, or 0 for any that is free"
                  .formatted(port + i, host),
              e);
        }
      } catch (IOException e) {
        throw new InvalidConfigException(
            "cannot listen at %s: %s; name an address of this machine".formatted(host, e), e);
      }
    }
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "page");
    thread.setDaemon(true);
    return thread;
  }

  /** Returns the address for a browser. */
  public String url() {
    return "http://" + new HostPort(host, port());
  }

  int port() {
    return server.getAddress().getPort();
  }

  // ---------------------------------------------------------------- requests

  private void handle(HttpExchange exchange) throws IOException {
    Answer answer;
    try {
      Optional<Answer> refusal = refusal(exchange);
      answer = refusal.isPresent() ? refusal.get() : answer(exchange);
    } catch (IOException e) {
      answer = Answer.text(500, "this cannot be read now: " + Storage.reason(e));
    } catch (RunFolderException e) {
      answer = Answer.text(500, e.getMessage());
    } catch (RuntimeException e) {
      LOG.warn("{} failed", exchange.getRequestURI(), e);
      answer = Answer.text(500, "this cannot be shown; the log of this program says why");
    }
    send(exchange, answer);
  }

  private Optional<Answer> refusal(HttpExchange exchange) {
    String method = exchange.getRequestMethod();
    boolean steers = method.equals("POST") && steering.isPresent();
    if (!method.equals("GET") && !method.equals("HEAD") && !steers) {
      return Optional.of(Answer.text(405, "this page is read-only; it takes no " + method));
    }
    String asked = exchange.getRequestHeaders().getFirst("Host");
    return isHere(asked)
        ? Optional.empty()
        : Optional.of(
            Answer.text(
                403,
                "this server is not %s; use the address that it printed, or localhost"
                    .formatted(asked)));
  }

  private boolean isHere(String asked) {
    if (asked == null) {
      return false;
    }
    return HostPort.parse(asked)
        .or(() -> HostPort.parse(asked + ":80")) // which browsers leave out
        .map(HostPort::host)
        .filter(
            name ->
                HostPort.isLoopback(name)
                    || HostPort.isLiteral(name)
                    || name.equalsIgnoreCase(host))
        .isPresent();
  }

  private Answer answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getRawPath();
    String query = Optional.ofNullable(exchange.getRequestURI().getRawQuery()).orElse("");
    String known = exchange.getRequestHeaders().getFirst("If-None-Match");
    if (!PLAIN.matcher(path).matches()) {
      return Answer.text(404, "there is no such page");
    }
    if (exchange.getRequestMethod().equals("POST")) {
      return posts.answer(path, query, exchange.getRequestHeaders());
    }
    if (path.equals("/runs")) {
      long now = clock.epochMillis();
      List<Map<String, Object>> runs = shelf.runs().stream().map(run -> run.brief(now)).toList();
      return Answer.json(runs);
    }
    if (path.equals("/metrics")) {
      return live()
          .map(RunActions::metrics)
          .map(figures -> Answer.bytes(200, RunMeters.TYPE, figures.getBytes(UTF_8)))
          .orElseGet(() -> Answer.text(404, "no run of this process has metrics here"));
    }
    Matcher picture = BLIND.matcher(path);
    if (picture.matches()) {
      return blind.picture(picture.group(1));
    }
    Matcher parts = RUN.matcher(path);
    if (!parts.matches()) {
      return pages.at(path, known).orElseGet(() -> Answer.text(404, "there is no such page"));
    }
    Optional<RunView> run = shelf.find(parts.group(1));
    return run.isEmpty()
        ? Answer.text(404, "there is no run %s here".formatted(parts.group(1)))
        : answer(run.get(), parts, query, exchange.getRequestHeaders(), known);
  }

  private Optional<RunActions> live() {
    return steering.flatMap(Steering::run);
  }

  private Answer state(RunView run) throws IOException {
    Map<String, Object> state = run.state(clock.epochMillis());
    state.put("steered", live().isPresent());
    state.put("judged", steering.isPresent() && Files.isWritable(run.folder()));
    state.put("sampling", samples.state(run.folder()));
    return Answer.json(state);
  }

  private Answer answer(RunView run, Matcher parts, String query, Headers headers, String known)
      throws IOException {
    String rest = Optional.ofNullable(parts.group(3)).orElse("");
    String what = parts.group(2) + (rest.isEmpty() ? "" : "/");
    return switch (what) {
      case "state" -> state(run);
      case "status" ->
          live().isPresent()
              ? Answer.json(StatusJson.of(live().get()::status))
              : Answer.text(404, "the program that serves this page does not run it");
      case "anatomy" -> run.anatomy(clock.epochMillis());
      case "checkpoints" -> run.checkpoints();
      case "votes" -> run.votes().answer();
      case "worth" -> run.worth();
      case "alarms" -> run.alarms(clock.epochMillis());
      case "config" -> run.settings();
      case "groups" -> run.groups(number(STEP, query).orElse(null));
      case "file/" -> run.contents().file(rest, headers.getFirst("Range"), known);
      case "image/" ->
          run.contents()
              .picture(
                  rest, number(SIDE, query).filter(Thumbnails.SIDES::contains).orElse(0), known);
      default -> Answer.text(404, "there is no such page");
    };
  }

  private static Optional<Integer> number(Pattern pattern, String query) {
    Matcher number = pattern.matcher(query);
    return number.find() ? Optional.of(Integer.parseInt(number.group(1))) : Optional.empty();
  }

  // ---------------------------------------------------------------- answers

  private static void send(HttpExchange exchange, Answer answer) throws IOException {
    try (exchange) {
      Headers headers = exchange.getResponseHeaders();
      answer.headers().forEach(headers::set);
      headers.set("Content-Security-Policy", POLICY);
      headers.set("X-Content-Type-Options", "nosniff");
      headers.set("Referrer-Policy", "no-referrer");
      headers.set("Cross-Origin-Resource-Policy", "same-origin");
      boolean head = exchange.getRequestMethod().equals("HEAD");
      if (head || answer.length() == 0) {
        if (head) {
          headers.set("Content-Length", Long.toString(answer.length()));
        }
        exchange.sendResponseHeaders(answer.status(), -1);
        return;
      }
      exchange.sendResponseHeaders(answer.status(), answer.length());
      try (OutputStream out = exchange.getResponseBody()) {
        answer.body().writeTo(out);
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdown();
    samples.close();
  }
}
