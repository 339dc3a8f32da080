package io.atelier.actors.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A headless Chromium with one page, driven by its DevTools protocol. Collects what its console
 * complains of and which URLs it asks for.
 */
public final class Chromium implements AutoCloseable {

  /** A busy machine takes ten times as long as an idle one. */
  private static final int PATIENCE_SECONDS = 90;

  /** What DevTools answers when the page that was asked went away before it had answered. */
  private static final Pattern PAGE_LEFT =
      Pattern.compile("navigated or closed|context was destroyed|Cannot find context");

  private static final int MOST_PAGES_LEFT = 3;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String LISTENS = "DevTools listening on ";

  private final Process process;
  private final WebSocket socket;
  private final AtomicInteger ids = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> asked = new ConcurrentHashMap<>();
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private final List<String> urls = new CopyOnWriteArrayList<>();
  private final Map<String, CompletableFuture<Void>> loaded = new ConcurrentHashMap<>();
  private String session = "";

  private Chromium(Process process, String address) {
    this.process = process;
    this.socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(URI.create(address), new Listener())
            .join();
  }

  /** Where one is installed. */
  public static Optional<Path> found() {
    return Stream.of(System.getenv("PATH").split(":"))
        .flatMap(
            folder ->
                Stream.of("chromium", "chromium-browser", "google-chrome")
                    .map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Starts one.
   *
   * @param folder for its profile
   */
  public static Chromium start(Path program, Path folder) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                program.toString(),
                "--headless=new",
                "--no-sandbox", // as root there is none
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--no-first-run",
                "--remote-debugging-port=0",
                "--user-data-dir=" + folder,
                "about:blank"));
    Process process =
        new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    BufferedReader said =
        new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
    for (String line; (line = said.readLine()) != null; ) {
      if (line.startsWith(LISTENS)) {
        Thread rest = new Thread(() -> said.lines().forEach(each -> {}), "chromium");
        rest.setDaemon(true);
        rest.start();
        Chromium chromium = new Chromium(process, line.substring(LISTENS.length()));
        chromium.openPage();
        return chromium;
      }
    }
    throw new IOException("%s ended before it listened".formatted(program));
  }

  private void openPage() {
    String target =
        call("Target.createTarget", Map.of("url", "about:blank")).get("targetId").asText();
    session =
        call("Target.attachToTarget", Map.of("targetId", target, "flatten", true))
            .get("sessionId")
            .asText();
    for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
      call(domain + ".enable", Map.of());
    }
    call("Page.setLifecycleEventsEnabled", Map.of("enabled", true));
  }

  /** Sends a command and waits for its answer. */
  JsonNode call(String method, Map<String, ?> parameters) {
    int id = ids.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    asked.put(id, answer);
    var message = JSON.createObjectNode().put("id", id).put("method", method);
    message.set("params", JSON.valueToTree(parameters));
    if (!session.isEmpty()) {
      message.put("sessionId", session);
    }
    socket.sendText(message.toString(), true).join();
    JsonNode said = answer.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    if (said.has("error")) {
      throw new IllegalStateException(method + ": " + said.get("error"));
    }
    return said.get("result");
  }

  /** Goes to a page and waits until it, and not one before it, is loaded. */
  public void open(String url) {
    String loader = call("Page.navigate", Map.of("url", url)).get("loaderId").asText();
    loading(loader).orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }

  private CompletableFuture<Void> loading(String loader) {
    return loaded.computeIfAbsent(loader, unknown -> new CompletableFuture<>());
  }

  /** The value of an expression, or of what it promises. */
  public JsonNode value(String expression) {
    JsonNode result =
        call(
            "Runtime.evaluate",
            Map.of("expression", expression, "awaitPromise", true, "returnByValue", true));
    if (result.has("exceptionDetails")) {
      throw new AssertionError(expression + ": " + result.get("exceptionDetails"));
    }
    return result.get("result").path("value");
  }

  /**
   * Waits until an expression is true; says what the page shows if it does not become so. A page
   * that leaves for another one meanwhile takes what waits in it along, so the next one is asked.
   */
  public void await(String expression) {
    String wait =
        """
        new Promise((done, failed) => {
          const end = Date.now() + %d;
          const look = () => {
            let is = false;
            try { is = %s; } catch (e) { }
            if (is) done(true);
            else if (Date.now() > end) failed(new Error("never true; the page: " + document.body.innerText));
            else setTimeout(look, 20);
          };
          look();
        })
        """;
    String asked = wait.formatted((PATIENCE_SECONDS - 10) * 1000, expression);
    for (int left = 0; ; left++) {
      try {
        value(asked);
        return;
      } catch (IllegalStateException e) {
        if (left == MOST_PAGES_LEFT || !PAGE_LEFT.matcher(e.getMessage()).find()) {
          throw e;
        }
      }
    }
  }

  public void click(String selector) {
    value("document.querySelector(%s).click()".formatted(JSON.valueToTree(selector)));
  }

  /** Presses a key, such as {@code ArrowUp}. */
  void press(String key) {
    String code = key.equals(" ") ? "Space" : key;
    for (String type : List.of("rawKeyDown", "keyUp")) {
      int number = key.equals("Escape") ? 27 : 0; // what closes a dialog goes by that
      call(
          "Input.dispatchKeyEvent",
          Map.of("type", type, "key", key, "code", code, "windowsVirtualKeyCode", number));
    }
  }

  void view(int width, int height, boolean dark) {
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
    call(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
  }

  /** A PNG of the whole page. */
  byte[] screenshot() {
    return Base64.getDecoder()
        .decode(
            call("Page.captureScreenshot", Map.of("captureBeyondViewport", true))
                .get("data")
                .asText());
  }

  /** Errors and warnings of the console, failed requests and violations of the policy included. */
  public List<String> complaints() {
    return List.copyOf(complaints);
  }

  /** What was asked for. */
  public List<String> urls() {
    return List.copyOf(urls);
  }

  private void heard(JsonNode message) {
    if (message.has("id")) {
      Optional.ofNullable(asked.remove(message.get("id").asInt()))
          .ifPresent(a -> a.complete(message));
      return;
    }
    JsonNode parameters = message.path("params");
    switch (message.path("method").asText()) {
      case "Network.requestWillBeSent" -> urls.add(parameters.at("/request/url").asText());
      case "Page.lifecycleEvent" -> {
        if (parameters.path("name").asText().equals("load")) {
          loading(parameters.path("loaderId").asText()).complete(null);
        }
      }
      case "Runtime.exceptionThrown" -> complaints.add(parameters.toString());
      case "Log.entryAdded" -> {
        if (!parameters.at("/entry/level").asText().matches("info|verbose")) {
          complaints.add(parameters.at("/entry/text") + " " + parameters.at("/entry/url"));
        }
      }
      case "Runtime.consoleAPICalled" -> {
        if (parameters.path("type").asText().matches("error|warning|assert")) {
          complaints.add(parameters.path("args").toString());
        }
      }
      default -> {}
    }
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder begun = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      begun.append(data);
      if (last) {
        String text = begun.toString();
        begun.setLength(0);
        try {
          heard(JSON.readTree(text));
        } catch (IOException e) {
          complaints.add(e.toString());
        }
      }
      from.request(1);
      return null;
    }
  }

  @Override
  public void close() {
    socket.abort();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    process.onExit().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }
}
