package io.atelier.actors.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.api.Atelier;
import io.atelier.actors.api.RunHandle;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.protocol.RunStatus;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.record.Terminal;
import io.atelier.actors.web.Chromium;
import io.atelier.actors.web.LivePage;
import io.atelier.models.vision.Images;
import io.atelier.reward.sum.Rewards;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A run that goes on, in a browser: what it shows while things happen, and who may steer it. */
@Timeout(300)
class LiveRunBrowserTest {

  private static final String STATE = "document.querySelector('header .status').innerText";
  private static final String FACTS = "document.querySelector('.facts').innerText";
  private static final String PICTURES =
      "[...document.querySelectorAll('.group img')].some(i => i.complete && i.naturalWidth > 0)";

  private static final String DRAW =
      "document.querySelector('[name=prompt]').closest('form').querySelector('button')";
  private static final String SAID = DRAW + ".nextSibling.innerText";

  /** Of a step and the page; it asks every two seconds, and a machine may be busy. */
  private static final long AT_MOST_MILLIS = 30_000;

  @TempDir private Path folder;
  private final StringWriter said = new StringWriter();

  /** Each step has one group, which is scored when there is one of these. */
  private final Semaphore steps = new Semaphore(0);

  private Chromium browser;
  private RunHandle run;
  private LivePage page;

  @BeforeEach
  void start() throws IOException {
    Optional<Path> program = Chromium.found();
    assumeTrue(program.isPresent(), "no chromium is on the PATH, so no run was looked at");
    browser = Chromium.start(program.get(), folder.resolve("profile"));
    TrainConfig config =
        TrainConfig.load(
            "dev",
            "run.dir=" + folder.resolve("live"),
            "run.steps=1000",
            "page.port=0",
            "rollout.group-size=2",
            "rollout.steps=3",
            "rollout.trained-to=2",
            "rollout.height=32",
            "rollout.width=32",
            "learner.groups-per-step=1",
            "evaluation.every=0");
    Terminal terminal = new Terminal(new PrintWriter(said, true), false);
    run =
        Atelier.start(
            config, Optional.of(Rewards.of("held", (images, prompt) -> scores(images))), terminal);
    page = LivePage.of(() -> 0, new RunFiles(run.folder()), run.actions(), run::page, terminal);
  }

  private float[] scores(Images images) {
    steps.acquireUninterruptibly();
    float[] scores = new float[images.count()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = i;
    }
    return scores;
  }

  @AfterEach
  void stop() {
    steps.release(1_000_000); // whoever waits for one ends
    if (page != null) {
      page.close();
      run.close();
    }
    if (browser != null) {
      browser.close();
    }
  }

  private String url() {
    return page.url().orElseThrow();
  }

  /** As the run printed it. */
  private String withToken() {
    return said.toString()
        .lines()
        .filter(line -> line.startsWith("look at "))
        .map(line -> line.substring("look at ".length()))
        .findFirst()
        .orElseThrow();
  }

  private JsonNode line(int step) throws IOException {
    return new ObjectMapper()
        .readTree(Files.readAllLines(new RunFiles(run.folder()).metrics()).get(step - 1));
  }

  @Test
  void shouldShowStepsAsTheyEndAndTakeCommands() throws IOException {
    browser.open(withToken());
    browser.await(FACTS + ".includes('step 0 of 1000')");
    browser.value(
        "void new MutationObserver(() => {"
            + "if (!window.shown && %s.includes('step 1 of')) window.shown = Date.now(); })"
                .formatted(FACTS)
            + ".observe(document.body, { subtree: true, childList: true, characterData: true })");
    steps.release();
    browser.await("window.shown > 0");
    long late = browser.value("window.shown").asLong() - line(1).get("time").asLong();
    assertTrue(late >= 0 && late < AT_MOST_MILLIS, "shown after " + late + " ms");
    browser.await("document.querySelectorAll('.group').length === 1");
    browser.value("document.querySelector('.group').scrollIntoView()");
    browser.await(PICTURES);

    click("pause");
    browser.await(STATE + " === 'paused'");
    steps.release(1000);
    browser.await(FACTS + ".includes('step 2 of')"); // what was open is finished
    assertEquals("paused", browser.value(STATE).asText());
    click("resume");
    browser.await(STATE + " === 'running'");
    browser.await("parseInt(%s.match(/step (\\d+) of/)[1]) > 2".formatted(FACTS));
    assertEquals(List.of(), browser.complaints());
    for (String asked : browser.urls()) {
      assertTrue(asked.equals("about:blank") || asked.startsWith(url()), asked);
    }
  }

  private void click(String text) {
    browser.value(
        "[...document.querySelectorAll('.actions button')].find(b => b.innerText === '%s').click()"
            .formatted(text));
  }

  /** In a process of its own, while the run goes on. */
  @Test
  void shouldDrawAPromptOfOnesOwn() throws IOException {
    browser.open(withToken());
    browser.await(FACTS + ".includes('step 0 of 1000')");
    steps.release(2);
    browser.await(FACTS + ".includes('step 2 of')");
    ask("a red fox");
    browser.await(SAID + ".includes('a red fox') && %s.includes('checkpoint')".formatted(SAID));
    CompletableFuture<RunStatus.Done> written = run.checkpoint().toCompletableFuture();
    steps.release(1000);
    assertTrue(written.join().done());
    browser.await("!%s.disabled".formatted(DRAW));
    ask("a red fox");
    browser.await(
        "[...document.querySelectorAll('form ~ div .strip img')].filter(i => i.complete &&"
            + " i.naturalWidth === 32).length === 8");
    assertEquals(List.of(), browser.complaints());
  }

  private void ask(String prompt) {
    browser.value("document.querySelector('[name=prompt]').value = '%s'".formatted(prompt));
    browser.value(DRAW + ".click()");
  }

  @Test
  void shouldTakeNoCommandFromWhoHasNoToken() throws Exception {
    browser.open(url());
    browser.await(FACTS + ".includes('step 0 of 1000')");
    assertEquals(0, browser.value("document.querySelectorAll('.actions button').length").asInt());
    HttpRequest pause =
        HttpRequest.newBuilder(URI.create(url() + "/run/live/act/pause"))
            .POST(BodyPublishers.noBody())
            .build();
    assertEquals(403, HttpClient.newHttpClient().send(pause, BodyHandlers.ofString()).statusCode());
    steps.release();
    browser.await(FACTS + ".includes('step 1 of')"); // it goes on
    assertEquals(List.of(), browser.complaints());
  }
}
