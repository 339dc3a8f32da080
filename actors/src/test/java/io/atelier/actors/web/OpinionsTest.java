package io.atelier.actors.web;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.actors.people.Label;
import io.atelier.actors.people.PeopleFiles;
import io.atelier.actors.people.Vote;
import io.atelier.actors.web.index.Thumbnails;
import io.atelier.actors.web.view.RunShelf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What people say of pictures, as requests. */
@Timeout(60)
class OpinionsTest {

  /** The best image of step 10's second group. */
  private static final String PICTURE = "0a/0a%030x.jpg".formatted(100 + 7 * RunFixture.STEPS + 3);

  @TempDir Path folder;
  private Path run;
  private PageServer server;
  private Steering steering;

  @BeforeEach
  void serve() throws IOException {
    run = RunFixture.make(folder.resolve("runs/001"));
    RunFixture.make(folder.resolve("runs/002"));
    steering = Steering.ofOpinions();
    server = start(Optional.of(steering));
  }

  private PageServer start(Optional<Steering> who) {
    RunShelf shelf = new RunShelf(List.of(folder.resolve("runs")));
    return PageServer.start("127.0.0.1", 0, true, shelf, who, new HandClock());
  }

  @AfterEach
  void close() {
    server.close();
  }

  private Raw post(String path, String... headers) throws IOException {
    String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
    return Raw.send(
        server,
        "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 0\r\n%s"
            .formatted(path, server.port(), more));
  }

  private Raw said(String path) throws IOException {
    return post(path, Steering.HEADER + ": " + steering.fragment().substring("#token=".length()));
  }

  private JsonNode pair(String query) throws IOException {
    Raw answer = said("/run/001/pair?" + query);
    assertEquals(200, answer.status(), answer.text());
    return answer.json();
  }

  private List<Label> labels() {
    return PeopleFiles.labels(run.resolve("labels.jsonl"));
  }

  // ---------------------------------------------------------------- who may

  @ParameterizedTest
  @ValueSource(strings = {"label?file=%s&step=10&label=good", "pair", "vote", "act/pause"})
  void shouldBeRefusedWithoutTheTokenAndFromOtherSites(String what) throws IOException {
    String path = "/run/001/" + what.formatted(PICTURE);
    String own = Steering.HEADER + ": " + steering.fragment().substring(7);
    assertEquals(403, post(path).status());
    assertEquals(403, post(path, Steering.HEADER + ": 0").status());
    assertEquals(403, post(path, own, "Origin: http://evil.example").status());
    assertEquals(404, said(path.replace("001", "003")).status());
    assertEquals(404, said(path.replace("/001/", "/../001/")).status());
    try (PageServer looking = start(Optional.empty())) {
      assertEquals(
          405,
          Raw.send(looking, "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\n".formatted(path, own))
              .status());
      assertFalse(Raw.get(looking, "/run/001/state").json().get("judged").asBoolean());
    }
    assertFalse(Files.exists(run.resolve("labels.jsonl")));
    assertFalse(Files.exists(run.resolve("preferences.jsonl")));
  }

  @Test
  void shouldLetNobodySteerARunThatIsOnlyLookedAt() throws IOException {
    Raw answer = said("/run/001/act/stop");
    assertEquals(409, answer.status());
    assertEquals(
        "this page cannot steer runs; open the address that the run printed\n", answer.text());
    JsonNode state = Raw.get(server, "/run/001/state").json();
    assertFalse(state.get("steered").asBoolean());
    assertTrue(state.get("judged").asBoolean());
  }

  // ---------------------------------------------------------------- labels

  @Test
  void shouldLabelAPictureAndTakeItBack() throws IOException {
    String path = "/run/001/label?file=%s&step=10&who=ann&label=".formatted(PICTURE);
    assertEquals("artifact\n", said(path + "artifact").text());
    Label label = labels().get(0);
    assertEquals(
        new Label(
            RunFixture.BEAT + 3000,
            "ann",
            "artifact",
            PICTURE,
            "labels/" + label.hash() + ".jpg",
            label.hash(),
            10,
            "9.1",
            0,
            3,
            RunFixture.PROMPTS.get(1)),
        label);
    byte[] picture = Files.readAllBytes(run.resolve("pictures").resolve(PICTURE));
    assertEquals(Thumbnails.sha256(picture), label.hash());
    assertArrayEquals(picture, Files.readAllBytes(run.resolve(label.file())));
    assertEquals("artifact", shown());
    said(path + "good");
    assertEquals("good", shown());
    said(path + "none");
    assertEquals("", shown());
    assertEquals(3, labels().size(), "nothing is deleted");
    Files.delete(run.resolve("pictures").resolve(PICTURE));
    assertEquals(404, said(path + "good").status(), "no longer kept");
  }

  private String shown() throws IOException {
    for (JsonNode line : Raw.get(server, "/run/001/groups?step=10").json().get("pictures")) {
      if (line.get("file").asText().equals(PICTURE)) {
        return line.path("label").asText();
      }
    }
    throw new AssertionError("no such picture");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file=0a/none.jpg&step=10&label=good",
        "file=%s&step=9&label=good",
        "file=%s&step=x&label=good",
        "file=../secret.jpg&step=10&label=good",
        "file=..%%2fsecret.jpg&step=10&label=good",
        "file=linked/outside.jpg&step=10&label=good",
        "file=%s&label=good",
        "step=10&label=good",
        "file=%s&step=10&label=bad",
        "file=%s&step=10",
        "file=%s&step=10&label=good&who=a%%0ab",
        "file=%s&step=10&label=good&who=%2$s",
      })
  void shouldLabelNothingThatIsNotThere(String query) throws IOException {
    Files.writeString(run.resolve("secret.jpg"), "secret");
    Path outside = Files.createDirectory(folder.resolve("elsewhere"));
    Files.writeString(outside.resolve("outside.jpg"), "secret");
    Files.createSymbolicLink(run.resolve("pictures/linked"), outside);
    for (String name : List.of("../secret.jpg", "linked/outside.jpg")) {
      Files.writeString(
          run.resolve("pictures/index.jsonl"),
          "{\"step\":10,\"group\":\"9.1\",\"file\":\"%s\"}\n".formatted(name),
          StandardOpenOption.APPEND);
    }
    Raw answer = said("/run/001/label?" + query.formatted(PICTURE, "x".repeat(61)));
    assertTrue(answer.status() == 404 || answer.status() == 400, answer.text());
    assertFalse(answer.text().contains("Exception"), answer.text());
    assertFalse(Files.exists(run.resolve("labels.jsonl")));
    assertFalse(Files.exists(run.resolve("labels")));
  }

  @Test
  void shouldSayThatLabelsAreDamagedAndShowTheRest() throws IOException {
    Files.writeString(run.resolve("labels.jsonl"), "nonsense\n");
    JsonNode step = Raw.get(server, "/run/001/groups?step=10").json();
    assertTrue(step.get("labels").asText().contains("labels.jsonl, line 1 is damaged"));
    assertEquals(3, step.get("pictures").size());
  }

  // ---------------------------------------------------------------- pairs

  /** Says left of every pair, and looks at what was written. */
  @Test
  void shouldShowPairsWithoutSayingWhoseTheyAre() throws IOException {
    Set<String> ids = new HashSet<>();
    String duel = "";
    for (int number = 0; number < 3; number++) {
      JsonNode pair = pair("who=ann&duel=" + duel);
      duel = pair.get("duel").asText();
      assertEquals(number, pair.get("number").asInt());
      assertEquals(3, pair.get("of").asInt());
      String text = pair.toString().replace(pair.get("prompt").toString(), "");
      assertFalse(text.matches("(?s).*(001|step|base|evaluation|png|\"a\"|\"b\").*"), text);
      byte[] left = picture(pair, "left", ids);
      byte[] right = picture(pair, "right", ids);
      Raw vote = said("/run/001/vote?say=left&ticket=" + pair.get("ticket").asText());
      assertEquals("thank you\n", vote.text());
      assertEquals(
          404, said("/run/001/vote?say=left&ticket=" + pair.get("ticket").asText()).status());
      Vote written = votes().get(number);
      assertEquals(pair.get("prompt").asText(), written.prompt());
      assertEquals(written.left(), written.better());
      byte[] a = Files.readAllBytes(run.resolve(written.a().file()));
      byte[] b = Files.readAllBytes(run.resolve(written.b().file()));
      assertArrayEquals(left, written.left().equals("a") ? a : b);
      assertArrayEquals(right, written.left().equals("a") ? b : a);
      assertEquals("001, step 10", written.a().policy());
      assertEquals("001, base", written.b().policy());
    }
    assertFalse(pair("duel=" + duel).has("ticket"), "all are judged");
    assertEquals(0, pair("who=bob").get("number").asInt(), "another person begins anew");
    assertEquals(3, pair("who=ann").get("number").asInt(), "and this one goes on");
    JsonNode table = Raw.get(server, "/run/001/votes").json();
    assertEquals(1, table.size());
    assertEquals(
        3, table.get(0).get("wins").asInt() + table.get(0).get("losses").asInt(), "" + table);
  }

  private byte[] picture(JsonNode pair, String side, Set<String> ids) throws IOException {
    String path = pair.get(side).asText();
    assertTrue(path.matches("/blind/[0-9a-f]{32}"), path);
    assertTrue(ids.add(path), "a name is used once");
    Raw picture = Raw.get(server, path);
    assertEquals(200, picture.status());
    assertEquals("no-store", picture.headers().get("cache-control"));
    assertFalse(picture.headers().containsKey("etag"));
    return picture.body();
  }

  private List<Vote> votes() {
    return PeopleFiles.votes(run.resolve("preferences.jsonl"));
  }

  @Test
  void shouldCountAPairThatIsOpenTwiceOnce() throws IOException {
    JsonNode one = pair("who=ann");
    JsonNode same = pair("who=ann");
    assertEquals(one.get("prompt"), same.get("prompt"));
    said("/run/001/vote?say=tie&ticket=" + one.get("ticket").asText());
    Raw again = said("/run/001/vote?say=left&ticket=" + same.get("ticket").asText());
    assertEquals(409, again.status());
    assertEquals("this pair was judged already\n", again.text());
    assertEquals(1, votes().size());
    assertEquals("tie", votes().get(0).better());
  }

  @Test
  void shouldCompareTwoRunsAtTheNewestStepThatBothHave() throws IOException {
    Files.writeString(
        folder.resolve("runs/002/shown.jsonl"),
        Files.readAllLines(folder.resolve("runs/002/shown.jsonl")).get(1) + "\n");
    JsonNode pair = pair("other=002");
    said("/run/001/vote?say=right&ticket=" + pair.get("ticket").asText());
    assertEquals("001, step 5", votes().get(0).a().policy());
    assertEquals("002, step 5", votes().get(0).b().policy());
    assertFalse(Files.exists(folder.resolve("runs/002/preferences.jsonl")));
  }

  @Test
  void shouldRefuseWhatCannotBeCompared() throws IOException {
    assertEquals(404, said("/run/001/pair?other=009").status());
    assertEquals(404, said("/run/001/vote?ticket=0&say=left").status());
    assertEquals(404, said("/run/001/vote").status());
    String ticket = pair("").get("ticket").asText();
    assertEquals(400, said("/run/001/vote?say=up&ticket=" + ticket).status());
    assertEquals(404, said("/run/002/vote?say=left&ticket=" + ticket).status());
    assertEquals(404, Raw.get(server, "/blind/" + "0".repeat(32)).status());
    assertEquals(404, Raw.get(server, "/blind/../run").status());
    Files.writeString(run.resolve("config.conf"), "evaluation.seed = 1");
    Files.writeString(folder.resolve("runs/002/config.conf"), "evaluation.seed = 2");
    assertEquals(
        "001 and the other run differ in evaluation.seed, so their pictures are of different noise\n",
        said("/run/001/pair?other=002").text());
    Files.writeString(run.resolve("shown.jsonl"), "{\"step\":3,\"images\":[]}\n");
    Raw none = said("/run/001/pair");
    assertEquals(400, none.status());
    assertTrue(none.text().startsWith("001 has no evaluation of the base and a later one"));
    Files.writeString(run.resolve("preferences.jsonl"), "nonsense\n");
    Raw damaged = Raw.get(server, "/run/001/votes");
    assertEquals(500, damaged.status());
    assertTrue(damaged.text().contains("line 1 is damaged"), damaged.text());
    Files.delete(run.resolve("preferences.jsonl"));
    Files.createSymbolicLink(run.resolve("preferences.jsonl"), folder.resolve("secret"));
    Files.writeString(folder.resolve("secret"), "secret");
    assertFalse(Raw.get(server, "/run/001/votes").text().contains("secret"));
  }
}
