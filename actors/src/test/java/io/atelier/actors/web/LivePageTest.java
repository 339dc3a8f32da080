package io.atelier.actors.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.record.Terminal;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LivePageTest {

  private static final RunActions ACTIONS = HandActions.obedient();
  private final List<String> where = new ArrayList<>();

  @TempDir Path folder;
  private final StringWriter shown = new StringWriter();
  private final Terminal terminal = new Terminal(new PrintWriter(shown), false);

  private RunFiles run(String config) throws IOException {
    RunFiles files = new RunFiles(Files.createDirectories(folder.resolve("one")));
    Files.writeString(files.config(), config);
    return files;
  }

  private static String get(String url) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
  }

  @Test
  void shouldShowTheRunUntilItIsClosed() throws IOException, InterruptedException {
    RunFiles files = run(TrainConfig.load("dev", "run.steps=7").render());
    String url;
    try (LivePage page = LivePage.of(() -> 0, files, ACTIONS, where::add, terminal)) {
      url = page.url().orElseThrow();
      String token = Files.readString(files.token()).strip();
      assertEquals("look at " + url + "/#token=" + token, shown.toString().strip());
      assertEquals(List.of(url), where, "without what lets one steer it");
      assertTrue(get(url + "/runs").contains("\"id\":\"one\""), "of this run");
      assertTrue(get(url + "/run/one/state").contains("\"steps\":7"));
    }
    assertThrows(IOException.class, () -> get(url + "/runs"));
  }

  @Test
  void shouldServeNothingWhereItIsOff() throws IOException {
    try (LivePage page = LivePage.of(() -> -1, run(""), ACTIONS, where::add, terminal)) {
      assertTrue(page.url().isEmpty());
      assertEquals("", shown.toString());
    }
  }

  @Test
  void shouldOnlySayThatThereIsNone() throws IOException {
    try (LivePage page = LivePage.of(() -> 65536, run(""), ACTIONS, where::add, terminal)) {
      assertTrue(page.url().isEmpty());
      assertTrue(
          shown.toString().startsWith("no page: port 65536 is invalid; must be 0 to 65535,"),
          shown.toString());
    }
  }
}
