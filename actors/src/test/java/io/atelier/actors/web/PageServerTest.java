package io.atelier.actors.web;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.people.PeopleFiles;
import io.atelier.actors.people.Sample;
import io.atelier.actors.port.Clock;
import io.atelier.actors.protocol.RunStatus;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.web.view.RunShelf;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class PageServerTest {

  private static final String PICTURE =
      "pictures/0a/0a%030x.jpg".formatted(7 * RunFixture.STEPS); // slot 0, image 0

  @TempDir Path folder;
  private Path runs;
  private PageServer server;
  private final HandClock clock = new HandClock();

  @BeforeEach
  void serve() throws IOException {
    runs = Files.createDirectory(folder.resolve("runs"));
    RunFixture.make(runs.resolve("001"));
    server = start(runs);
  }

  private PageServer start(Path... named) {
    return PageServer.start(
        "127.0.0.1", 0, true, new RunShelf(List.of(named)), Optional.empty(), clock);
  }

  @AfterEach
  void close() {
    server.close();
  }

  private Raw get(String path, String... headers) throws IOException {
    return Raw.get(server, path, headers);
  }

  private JsonNode state(String run) throws IOException {
    Raw answer = get("/run/" + run + "/state");
    assertEquals(200, answer.status(), answer.text());
    return answer.json();
  }

  // ---------------------------------------------------------------- the page itself

  @ParameterizedTest
  @ValueSource(strings = {"/", "/main.js", "/chart.js", "/style.css", "/uplot.js", "/icon.svg"})
  void shouldServeThePageWithHeadersThatKeepOthersOut(String path) throws IOException {
    Raw page = get(path);
    assertEquals(200, page.status());
    assertTrue(
        page.headers().get("content-security-policy").startsWith("default-src 'self';"),
        page.headers().toString());
    assertFalse(page.headers().get("content-security-policy").contains("unsafe"));
    assertEquals("nosniff", page.headers().get("x-content-type-options"));
    assertEquals("no-referrer", page.headers().get("referrer-policy"));
    assertEquals("same-origin", page.headers().get("cross-origin-resource-policy"));
    Raw again = get(path, "If-None-Match: " + page.headers().get("etag"));
    assertEquals(304, again.status());
    assertEquals(0, again.body().length);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example",
        "evil.example:25580",
        "127.0.0.1.evil.example",
        "evil.example:x:1",
        "[evil.example]",
        "localhost.evil.example:1",
      })
  void shouldRefuseNamesThatAreNotItsOwn(String host) throws IOException {
    Raw answer = get("/runs", "Host: " + host);
    assertEquals(403, answer.status());
    assertEquals(
        "this server is not %s; use the address that it printed, or localhost\n".formatted(host),
        answer.text());
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "localhost:1", "127.0.0.1", "[::1]:25580", "10.0.0.7:80"})
  void shouldAnswerToAddressesAndLocalhost(String host) throws IOException {
    assertEquals(200, get("/runs", "Host: " + host).status());
  }

  @Test
  void shouldTakeNothingButQuestions() throws IOException {
    String host = "Host: 127.0.0.1\r\n";
    for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS")) {
      Raw answer =
          Raw.send(server, method + " /runs HTTP/1.1\r\n" + host + "Content-Length: 0\r\n");
      assertEquals(405, answer.status(), method);
    }
    Raw head = Raw.send(server, "HEAD /run/001/file/metrics.jsonl HTTP/1.1\r\n" + host);
    assertEquals(200, head.status());
    assertEquals(
        Files.size(runs.resolve("001/metrics.jsonl")),
        Long.parseLong(head.headers().get("content-length")));
    assertEquals(0, head.body().length);
    assertEquals(403, Raw.send(server, "GET /runs HTTP/1.0\r\n").status(), "no Host");
  }

  /** Only with the token, and from no page of another site. */
  @Test
  void shouldSteerForWhoHasTheToken() throws IOException {
    List<String> asked = new ArrayList<>();
    Path file = folder.resolve("token");
    Steering steering =
        Steering.of(
            file,
            new HandActions(
                (name, values) -> {
                  asked.add(name + values);
                  return new RunStatus.Done(!name.equals("fly"), "asked to " + name);
                },
                true));
    String token = Files.readString(file).strip();
    assertEquals(32, token.length());
    assertEquals("#token=" + token, steering.fragment());
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    try (PageServer steered =
        PageServer.start(
            "127.0.0.1", 0, true, new RunShelf(List.of(runs)), Optional.of(steering), clock)) {
      String post = "POST /run/001/act/%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 0\r\n";
      String pause = post.formatted("pause", steered.port());
      String own = Steering.HEADER + ": " + token + "\r\n";
      assertEquals(403, Raw.send(steered, pause).status(), "no token");
      assertEquals(403, Raw.send(steered, pause + own.replace(token, "0")).status());
      assertEquals(
          403, Raw.send(steered, pause + own + "Origin: http://evil.example\r\n").status());
      assertEquals(List.of(), asked);
      Raw done =
          Raw.send(
              steered, pause + own + "Origin: http://127.0.0.1:%d\r\n".formatted(steered.port()));
      assertEquals(200, done.status(), done.text());
      assertEquals("asked to pause\n", done.text());
      String amend = post.formatted("amend?key=a.b&value=0.5&why=too%20smooth", steered.port());
      assertEquals(200, Raw.send(steered, amend + own).status());
      assertEquals(409, Raw.send(steered, post.formatted("fly", steered.port()) + own).status());
      assertEquals("pause{}", asked.get(0));
      assertEquals(
          Map.of("key", "a.b", "value", "0.5", "why", "too smooth").toString().length(),
          asked.get(1).length() - "amend".length());
      assertTrue(asked.get(1).contains("why=too smooth"), asked.get(1));
      assertEquals(
          404, Raw.send(steered, pause.replace("/run/001/act/pause", "/runs") + own).status());
    }
  }

  /** Only a server that runs the run knows more than its folder says. */
  @Test
  void shouldTellHowTheRunIsWhileItRunsIt() throws IOException {
    assertFalse(state("001").get("steered").asBoolean());
    assertEquals(404, get("/run/001/status").status());
    JsonNode run = status(true).get("run");
    assertEquals("10.0.0.1:25520", run.get("leader").asText());
    assertEquals(HandActions.POLICY, run.get("workers").get(0).get("hash").asText());
    assertEquals("10.0.0.2:25520", run.get("nodes").get(1).get("node").asText());
    JsonNode silent = status(false);
    assertTrue(silent.get("run").isNull());
    assertEquals("the run does not answer", silent.get("reason").asText());
  }

  private JsonNode status(boolean answers) throws IOException {
    HandActions actions =
        new HandActions((name, values) -> new RunStatus.Done(true, name), answers);
    Steering steering = Steering.of(folder.resolve("token"), actions);
    try (PageServer live =
        PageServer.start(
            "127.0.0.1", 0, true, new RunShelf(List.of(runs)), Optional.of(steering), clock)) {
      assertTrue(Raw.get(live, "/run/001/state").json().get("steered").asBoolean());
      Raw answer = Raw.get(live, "/run/001/status");
      assertEquals(200, answer.status(), answer.text());
      return answer.json();
    }
  }

  @Test
  void shouldTellWhereTheTimeOfTheLastGroupsWent() throws IOException {
    JsonNode anatomy = get("/run/001/anatomy").json();
    assertEquals(20, anatomy.get("groups").size());
    assertEquals(1, anatomy.get("groups").get(0).get("step").asInt());
    assertEquals("9.1", anatomy.get("groups").get(19).get("group").asText());
    assertEquals(1.5, anatomy.get("groups").get(19).get("seconds").get("generate").asDouble());
    assertEquals("generate", anatomy.get("parts").get(1).get("name").asText());
    assertTrue(anatomy.get("sentence").asText().startsWith("rollout idles 40% of the time"));
    Files.writeString(
        runs.resolve("001/metrics.jsonl"),
        "{\"step\":11,\"groups/dropped\":1}\n",
        StandardOpenOption.APPEND);
    assertTrue(get("/run/001/anatomy").json().get("sentence").isNull(), "there is an alarm");
  }

  @Test
  void shouldNameTheCheckpointsThatItCanRead() throws IOException {
    JsonNode said = get("/run/001/checkpoints").json();
    assertEquals(2, said.get("count").asInt());
    assertEquals(10, said.get("checkpoints").get(0).get("step").asInt());
    assertEquals("aa%062x".formatted(10), said.get("checkpoints").get(0).get("policy").asText());
    Path checkpoints = runs.resolve("001/checkpoints");
    Files.writeString(checkpoints.resolve("step-000010/ledger.json"), "{");
    Files.createSymbolicLink(
        checkpoints.resolve("step-000011"), checkpoints.resolve("step-000005"));
    JsonNode less = get("/run/001/checkpoints").json();
    assertEquals(1, less.get("checkpoints").size(), less.toString());
    assertEquals(5, less.get("checkpoints").get(0).get("step").asInt());
    assertTrue(
        less.get("problems").get(0).asText().startsWith("step-000010 is not read: "),
        less.toString());
  }

  @Test
  void shouldSayWhichPortIsTaken() {
    int port = server.port();
    RunShelf shelf = new RunShelf(List.of(runs));
    assertEquals(
        "port %d of 127.0.0.1 is taken; choose another, or 0 for any that is free".formatted(port),
        assertThrows(
                InvalidConfigException.class,
                () ->
                    PageServer.start(
                        "127.0.0.1", port, true, shelf, Optional.empty(), Clock.system()))
            .getMessage());
    try (PageServer next =
        PageServer.start("127.0.0.1", port, false, shelf, Optional.empty(), Clock.system())) {
      assertTrue(next.port() > port && next.port() < port + 20, "" + next.port());
      assertEquals("http://127.0.0.1:" + next.port(), next.url());
    }
    assertThrows(
        InvalidConfigException.class,
        () -> PageServer.start("127.0.0.1", 70_000, true, shelf, Optional.empty(), Clock.system()));
  }

  // ---------------------------------------------------------------- runs

  @Test
  void shouldListRunsWithTheirStates() throws IOException {
    RunFixture.makeOld(runs.resolve("an old one"));
    Files.writeString(runs.resolve("an old one/summary.json"), "{}");
    Files.createDirectory(runs.resolve("nothing"));
    JsonNode list = get("/runs").json();
    assertEquals(2, list.size());
    assertEquals("001", list.get(0).get("id").asText());
    assertEquals("running", list.get(0).get("state").asText());
    assertEquals(10, list.get(0).get("step").asInt());
    assertEquals(1.0, list.get(0).get("reward").asDouble());
    assertEquals(0.25, list.get(0).get("evaluation").get("styleShare").asDouble());
    assertEquals("an-old-one", list.get(1).get("id").asText());
    assertEquals("finished", list.get(1).get("state").asText());
    assertEquals(80, list.get(1).get("steps").asInt(), "of its config.conf");
    clock.set(RunFixture.BEAT + 30_000);
    assertEquals("running", get("/runs").json().get(0).get("state").asText());
    clock.set(RunFixture.BEAT + 30_001);
    assertEquals("dead", get("/runs").json().get(0).get("state").asText());
    assertEquals(30.001, state("001").get("silent").asDouble());
  }

  @Test
  void shouldTellRunsOfOneNameApart() throws IOException {
    Path other = RunFixture.makeOld(folder.resolve("elsewhere/001"));
    try (PageServer both = start(runs, other, runs)) {
      JsonNode list = Raw.get(both, "/runs").json();
      assertEquals(
          List.of("001", "001~2"),
          StreamSupport.stream(list.spliterator(), false).map(r -> r.get("id").asText()).toList());
      assertEquals(
          other.toRealPath().toString(),
          Raw.get(both, "/run/001~2/state").json().get("folder").asText());
    }
    assertEquals(404, get("/run/002/state").status());
    assertThrows(RunFolderException.class, () -> new RunShelf(List.of(folder.resolve("none"))));
  }

  @Test
  void shouldSayWhatAFolderHas() throws IOException {
    JsonNode state = state("001");
    assertEquals(6.4, state.get("secondsPerStep").asDouble());
    assertEquals(80, state.get("steps").asInt());
    assertEquals(
        Files.size(runs.resolve("001/groups.jsonl")),
        state.get("files").get("groups.jsonl").get("size").asLong());
    assertTrue(state.get("files").has("pictures/index.jsonl"));
    assertFalse(state.get("files").has("summary.json"));
    assertEquals("[0,5,10]", state.get("grids").get("all").toString());
    assertEquals("[10]", state.get("grids").get("highest").toString());
  }

  @Test
  void shouldGiveTheGroupsOfAStepWithTheirPictures() throws IOException {
    Files.delete(runs.resolve("001").resolve(PICTURE));
    assertEquals(10, get("/run/001/groups").json().get("steps").size());
    JsonNode step = get("/run/001/groups?step=10").json();
    assertEquals(2, step.get("groups").size());
    assertEquals("a red apple", step.get("groups").get(0).get("prompt").asText());
    assertEquals(3, step.get("pictures").size());
    assertFalse(step.get("pictures").get(0).get("kept").asBoolean());
    assertTrue(step.get("pictures").get(1).get("kept").asBoolean());
    assertEquals(0, get("/run/001/groups?step=99").json().get("groups").size());
  }

  @Test
  void shouldGiveAlarmsAndSettings() throws IOException {
    JsonNode alarms = get("/run/001/alarms").json();
    assertEquals(0, alarms.get("alarms").size());
    assertTrue(alarms.get("hint").asText().startsWith("rollout idles 40% of the time"));
    JsonNode settings = get("/run/001/config").json();
    assertEquals("run.seed", settings.get("rows").get(0).get("key").asText());
    assertEquals("5", settings.get("rows").get(0).get("value").asText());
    assertTrue(settings.get("problem").isNull());
  }

  /** An hour after the last step, of which the run was paused but for the last ten seconds. */
  @Test
  void shouldNotTakeThePauseThatIsOverForAStandstill() throws IOException {
    Path folder = runs.resolve("001");
    long now = Files.getLastModifiedTime(folder.resolve("metrics.jsonl")).toMillis() + 3_600_000;
    clock.set(now);
    String running = "{\"state\":\"running\",\"beat\":%d,\"since\":%d}";
    Files.writeString(folder.resolve("run.json"), running.formatted(now, now - 3_600_000));
    assertEquals(
        "no-progress", get("/run/001/alarms").json().at("/alarms/0/name").asText(), "no pause");
    Files.writeString(folder.resolve("run.json"), running.formatted(now, now - 10_000));
    assertEquals(0, get("/run/001/alarms").json().get("alarms").size());
  }

  @Test
  void shouldGiveFiguresOfItsOwnRunOnly() throws IOException {
    assertEquals(404, get("/metrics").status());
    Steering steering = Steering.of(folder.resolve("token"), HandActions.obedient());
    try (PageServer own =
        PageServer.start(
            "127.0.0.1", 0, true, new RunShelf(List.of(runs)), Optional.of(steering), clock)) {
      Raw figures = Raw.get(own, "/metrics");
      assertEquals(HandActions.FIGURES, figures.text());
      assertEquals(
          "text/plain; version=0.0.4; charset=utf-8", figures.headers().get("content-type"));
    }
  }

  /** Drawn pictures are those that samples.jsonl names; to draw takes the token. */
  @Test
  void shouldShowAndDrawPromptsOfPeopleOnly() throws IOException {
    Path run = runs.resolve("001");
    Path drawn = Files.createDirectories(run.resolve("samples/0001"));
    Path any = run.resolve("images/step-000005.png");
    Files.copy(any, drawn.resolve("base-0.png"));
    Files.copy(any, drawn.resolve("base-1.png"));
    PeopleFiles.append(
        run,
        PeopleFiles.SAMPLES,
        new Sample(
            1,
            5,
            "a fox",
            "7",
            3,
            4.5,
            64,
            64,
            List.of(new Sample.Image(true, "samples/0001/base-0.png"))));
    assertEquals(200, get("/run/001/image/samples/0001/base-0.png").status());
    assertEquals(404, get("/run/001/image/samples/0001/base-1.png").status());
    assertEquals(200, get("/run/001/file/samples.jsonl").status());
    Steering steering = Steering.ofOpinions();
    try (PageServer own =
        PageServer.start(
            "127.0.0.1", 0, true, new RunShelf(List.of(runs)), Optional.of(steering), clock)) {
      String token = steering.fragment().substring("#token=".length());
      String post = "POST /run/001/%s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n";
      String key = Steering.HEADER + ": " + token + "\r\n";
      assertEquals(403, Raw.send(own, post.formatted("sample?prompt=fox")).status());
      for (String wrong :
          List.of("sample", "sample?prompt=a%00b", "sample?prompt=a&seed=-1", "sample?seed=1")) {
        assertEquals(400, Raw.send(own, post.formatted(wrong) + key).status(), wrong);
      }
      Raw nothing = Raw.send(own, post.formatted("sample/stop") + key);
      assertEquals(409, nothing.status(), nothing.text());
      assertTrue(Raw.get(own, "/run/001/state").json().get("sampling").get("drawing").isNull());
    }
  }

  // ---------------------------------------------------------------- files

  @Test
  void shouldServeWhatIsNewOfAGrowingFile() throws IOException {
    Path file = runs.resolve("001/metrics.jsonl");
    byte[] before = Files.readAllBytes(file);
    Raw whole = get("/run/001/file/metrics.jsonl");
    assertEquals(200, whole.status());
    assertArrayEquals(before, whole.body());
    assertEquals(
        304,
        get("/run/001/file/metrics.jsonl", "If-None-Match: " + whole.headers().get("etag"))
            .status());
    String line = "{\"step\":11}\n";
    Files.writeString(file, line, StandardOpenOption.APPEND);
    Raw rest = get("/run/001/file/metrics.jsonl", "Range: bytes=" + before.length + "-");
    assertEquals(206, rest.status());
    assertEquals(line, rest.text());
    assertEquals(
        "bytes %d-%d/%d".formatted(before.length, before.length + 11, before.length + 12),
        rest.headers().get("content-range"));
    assertEquals(
        416,
        get("/run/001/file/metrics.jsonl", "Range: bytes=" + (before.length + 12) + "-").status());
    assertEquals(
        200,
        get("/run/001/file/metrics.jsonl", "If-None-Match: " + whole.headers().get("etag"))
            .status());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/run/001/file/../001/metrics.jsonl",
        "/run/001/file/..%2f001%2fmetrics.jsonl",
        "/run/../001/file/metrics.jsonl",
        "/run/001/file/secret.txt",
        "/run/001/file/.token",
        "/run/001/file//etc/passwd",
        "/run/001/file/linked.jsonl",
        "/run/001/file/nodes.jsonl",
        "/run/001/image/secret.png",
        "/run/001/image/images/../secret.png",
        "/run/001/image/images/%2e%2e/secret.png",
        "/run/001/image/images/references/climbs.png",
        "/run/001/image/images/step-000077.png",
        "/run/001/image/../../secret.png",
        "/run/001/image/pictures/linked/secret.png",
        "/run/001/image/config.conf",
        "/run/001/image/images/evaluations",
        "/../../../../etc/passwd",
        "/main.js/../../reference.conf",
        "/run/001",
        "/run/001/state/more",
        "/run/001/file",
      })
  void shouldGiveNothingThatTheRunDoesNotName(String path) throws IOException {
    Path run = runs.resolve("001");
    byte[] secret = "secret".getBytes(StandardCharsets.UTF_8);
    Path outside = Files.write(folder.resolve("outside.png"), secret);
    Files.write(run.resolve("secret.txt"), secret);
    Files.write(run.resolve(".token"), secret);
    Files.write(run.resolve("secret.png"), secret);
    Files.delete(run.resolve("nodes.jsonl"));
    Files.createSymbolicLink(run.resolve("nodes.jsonl"), outside);
    Files.createSymbolicLink(run.resolve("linked.jsonl"), outside);
    Files.createSymbolicLink(run.resolve("images/step-000077.png"), outside);
    Files.createSymbolicLink(run.resolve("pictures/linked"), folder);
    Files.writeString(
        run.resolve("pictures/index.jsonl"),
        "{\"step\":1,\"file\":\"linked/outside.png\"}\n{\"step\":1,\"file\":\"../secret.png\"}\n",
        StandardOpenOption.APPEND);
    Files.writeString(
        run.resolve("references.jsonl"),
        "{\"prompt\":\"x\",\"files\":[\"../secret.png\",\"references/../../secret.png\"]}\n",
        StandardOpenOption.APPEND);
    Raw answer = get(path);
    assertEquals(404, answer.status(), answer.text());
    assertFalse(answer.text().contains("secret\n"), answer.text());
    assertEquals(404, get("/run/001/image/pictures/linked/outside.png").status());
    assertEquals(404, get("/run/001/image/pictures/../secret.png").status());
    assertEquals(404, get("/run/001/image/images/../secret.png").status());
  }

  // ---------------------------------------------------------------- pictures

  @Test
  void shouldServePicturesThatNeverChangeForEver() throws IOException {
    Raw picture = get("/run/001/image/" + PICTURE);
    assertEquals(200, picture.status());
    assertEquals("image/jpeg", picture.headers().get("content-type"));
    assertEquals("private, max-age=31536000, immutable", picture.headers().get("cache-control"));
    assertArrayEquals(Files.readAllBytes(runs.resolve("001").resolve(PICTURE)), picture.body());
    assertEquals(
        304,
        get("/run/001/image/" + PICTURE, "If-None-Match: " + picture.headers().get("etag"))
            .status());
    Raw shown = get("/run/001/image/images/evaluations/step-000005/01.png");
    assertEquals("image/png", shown.headers().get("content-type"));
    assertEquals("private, no-cache", shown.headers().get("cache-control"));
    Files.delete(runs.resolve("001").resolve(PICTURE));
    Raw gone = get("/run/001/image/" + PICTURE);
    assertEquals(404, gone.status());
    assertEquals(PICTURE + " is no longer kept\n", gone.text());
  }

  @Test
  void shouldMakePicturesSmall() throws IOException {
    String path = "/run/001/image/images/references/00-0.jpg";
    Raw small = get(path + "?w=64");
    assertEquals(200, small.status());
    assertEquals("image/jpeg", small.headers().get("content-type"));
    BufferedImage size = ImageIO.read(new ByteArrayInputStream(small.body()));
    assertEquals(64, size.getWidth());
    assertEquals(64, size.getHeight());
    assertArrayEquals(get(path).body(), get(path + "?w=77").body(), "no such size is made");
    assertEquals(
        304, get(path + "?w=64", "If-None-Match: " + small.headers().get("etag")).status());
    assertFalse(small.headers().get("etag").equals(get(path).headers().get("etag")));
    Files.writeString(runs.resolve("001/images/references/00-0.jpg"), "no picture");
    Raw broken = get(path + "?w=128");
    assertEquals(422, broken.status());
    assertTrue(broken.text().startsWith("00-0.jpg cannot be shown as a picture: "));
  }

  // ---------------------------------------------------------------- broken folders

  @Test
  void shouldSaySentencesOfBrokenFolders() throws IOException {
    Path broken = Files.createDirectory(runs.resolve("broken"));
    Files.writeString(broken.resolve("run.json"), "{\"state\":");
    Files.writeString(broken.resolve("config.conf"), "{{{");
    Files.writeString(broken.resolve("metrics.jsonl"), "{\"step\":1}\nnonsense\n[]\n{\"st");
    Files.writeString(broken.resolve("evaluations.jsonl"), "");
    Files.writeString(broken.resolve("groups.jsonl"), "\u0000\u0000\n{\"step\":\"x\"}\n{}\n");
    Files.createDirectory(broken.resolve("shown.jsonl"));
    Files.writeString(broken.resolve("images"), "a file");
    JsonNode state = state("broken");
    assertEquals("unknown", state.get("state").asText());
    assertTrue(
        state.get("problems").get(0).asText().startsWith("run.json cannot be read: "),
        state.toString());
    JsonNode alarms = get("/run/broken/alarms").json();
    assertTrue(alarms.get("problem").asText().contains("line 2 is damaged"), alarms.toString());
    JsonNode settings = get("/run/broken/config").json();
    assertTrue(settings.get("problem").asText().startsWith("config.conf is not read: "));
    JsonNode groups = get("/run/broken/groups").json();
    assertEquals(0, groups.get("steps").size());
    assertEquals(1, groups.get("damaged").asInt());
    assertEquals(404, get("/run/broken/file/shown.jsonl").status());
    assertEquals(2, get("/runs").json().size(), "the others are there");
    for (String path :
        List.of("state", "alarms", "config", "groups", "groups?step=1", "anatomy", "checkpoints")) {
      assertFalse(get("/run/broken/" + path).text().contains("Exception"), path);
    }
  }

  @Test
  void shouldSayThatALineHasNoStep() throws IOException {
    Files.writeString(
        runs.resolve("001/evaluations.jsonl"), "{\"kid\":1}\n", StandardOpenOption.APPEND);
    assertEquals(
        "no alarms, since a line of the curves has no step",
        get("/run/001/alarms").json().get("problem").asText());
  }

  @Test
  void shouldShowAFolderThatHasNothingYet() throws IOException {
    Path empty = Files.createDirectory(runs.resolve("empty"));
    Files.writeString(empty.resolve("config.conf"), "");
    JsonNode state = state("empty");
    assertEquals(0, state.get("step").asInt());
    assertTrue(state.get("steps").isNull());
    assertEquals("{}", state.get("grids").toString());
    assertEquals(0, get("/run/empty/alarms").json().get("alarms").size());
  }
}
