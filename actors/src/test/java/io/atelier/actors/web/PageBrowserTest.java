package io.atelier.actors.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.atelier.actors.web.view.RunShelf;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page in a browser: what a person sees, and that it complains of nothing. */
@Timeout(180)
class PageBrowserTest {

  private static final String IMAGES =
      "[...document.querySelectorAll('%s img')].filter(i => i.complete && i.naturalWidth > 0).length";

  @TempDir static Path folder;
  private static final Steering OPINIONS = Steering.ofOpinions();
  private static PageServer server;

  /** Of who looks at runs that are made elsewhere. */
  private static PageServer view;

  private static Chromium browser;

  @BeforeAll
  static void start() throws IOException {
    Optional<Path> program = Chromium.found();
    assumeTrue(program.isPresent(), "no chromium is on the PATH, so the page was not looked at");
    Path runs = Files.createDirectory(folder.resolve("runs"));
    RunFixture.make(runs.resolve("first"));
    RunFixture.make(runs.resolve("second"));
    Files.writeString(
        runs.resolve("second/config.conf"), "\nrun.seed = 6", StandardOpenOption.APPEND);
    RunFixture.makeOld(runs.resolve("third"));
    Path broken = Files.createDirectory(runs.resolve("broken"));
    Files.writeString(broken.resolve("config.conf"), "{{{");
    Files.writeString(
        broken.resolve("metrics.jsonl"), "nonsense\n{\"step\":3,\"reward/total\":1}\n");
    server =
        PageServer.start(
            "127.0.0.1",
            0,
            true,
            new RunShelf(List.of(runs)),
            Optional.of(Steering.of(folder.resolve("token"), HandActions.obedient())),
            new HandClock());
    view =
        PageServer.start(
            "127.0.0.1",
            0,
            true,
            new RunShelf(List.of(runs)),
            Optional.of(OPINIONS),
            new HandClock());
    browser = Chromium.start(program.get(), folder.resolve("profile"));
    browser.view(1400, 900, false);
  }

  @AfterAll
  static void stop() {
    if (browser != null) {
      browser.close();
    }
    if (server != null) {
      server.close();
      view.close();
    }
  }

  @AfterEach
  void shouldComplainOfNothingAndAskNobodyElse() {
    assertEquals(List.of(), browser.complaints());
    for (String url : browser.urls()) {
      assertTrue(
          url.equals("about:blank")
              || url.startsWith("data:")
              || url.equals(folder.resolve("moved.html").toUri().toString())
              || List.of(server.port(), view.port()).contains(URI.create(url).getPort()),
          url);
    }
  }

  private static void open(String query) {
    browser.open(server.url() + "/" + query);
  }

  private static String text(String selector) {
    return browser.value("document.querySelector('%s').innerText".formatted(selector)).asText();
  }

  @Test
  void shouldListRunsAndCompareThoseThatAreTicked() {
    open("");
    browser.await("document.querySelectorAll('.runs tr').length === 5");
    browser.click("[aria-label='compare first']");
    assertTrue(browser.value("document.querySelector('button').disabled").asBoolean());
    browser.click("[aria-label='compare second']");
    browser.click("button");
    browser.await("document.querySelectorAll('.matrix .column').length === 3");
    browser.await(IMAGES.formatted(".matrix") + " === 6");
    assertTrue(text("main").contains("run.seed"), text("main"));
    assertTrue(browser.value("document.querySelectorAll('canvas').length > 4").asBoolean());
    assertEquals("step 10", text("output"));
    browser.value("document.querySelector('.matrix').scrollIntoView()");
    browser.press("ArrowDown");
    browser.await("document.querySelector('output').innerText === 'step 5'");
    browser.press("ArrowRight");
    browser.await("document.querySelectorAll('.strip .shot').length === 2");
  }

  @Test
  void shouldWaitForThePageThatComesAfterThisOne() {
    open("");
    browser.value("void setTimeout(() => { location.search = '?run=first'; }, 300)");
    browser.await("document.querySelectorAll('.matrix .column').length === 3");
  }

  @Test
  void shouldShowARun() {
    open("?run=first");
    browser.await("document.querySelectorAll('.matrix .column').length === 3");
    browser.await(IMAGES.formatted(".matrix") + " === 7"); // base and now of three, one reference
    assertEquals("first", text("h1"));
    assertEquals("running", text("header .status"));
    assertTrue(text(".facts").contains("step 10 of 80"), text(".facts"));
    assertEquals(
        "20 groups admitted = 20 trained + 0 dropped + 0 open ✓",
        text("#page .card:has(b.good)").split("\n")[0].strip());
    assertTrue(text(".tiles").contains("25% from 14%"), text(".tiles"));
    assertTrue(text("main").contains("<b>bold</b> & \"quoted\""), "prompts are text");
    assertEquals(0, browser.value("document.querySelectorAll('.caption b').length").asInt());
  }

  /** Far from its folder, as it arrives by mail. */
  @Test
  void shouldShowAReportWithoutAServer() throws IOException {
    Path moved = folder.resolve("moved.html");
    try (OutputStream out = Files.newOutputStream(moved)) {
      RunReport.of(folder.resolve("runs/first"), new HandClock()).writeTo(out, "finished");
    }
    browser.open(moved.toUri().toString());
    browser.await("document.querySelectorAll('.matrix .column').length === 3");
    browser.await(IMAGES.formatted(".matrix") + " === 7");
    assertEquals("finished", text("header .status"));
    assertTrue(text(".tiles").contains("25% from 14%"), text(".tiles"));
    assertTrue(text("main").contains("<b>bold</b> & \"quoted\""), "prompts are text");
    browser.value("document.querySelector('.matrix').scrollIntoView()");
    browser.press("ArrowDown");
    browser.await("document.querySelector('output').innerText === 'step 5'");
    browser.value("document.querySelector('.histogram').scrollIntoView()");
    browser.await(IMAGES.formatted(".group") + " === 3");
    browser.click(".group .shot");
    browser.await("document.querySelector('dialog').open");
    assertTrue(text("dialog").contains("logits from"), text("dialog"));
    assertTrue(text("main").contains("Are the rewards right?"));
    browser.click("details:has(pre) summary");
    browser.await("document.querySelector('pre').innerText.includes('run.seed = 5')");
  }

  @Test
  void shouldMoveByKeys() {
    open("?run=first");
    browser.await("document.querySelectorAll('.matrix .column').length === 3");
    browser.value("document.querySelector('.matrix').scrollIntoView()");
    String step = "document.querySelector('output').innerText";
    browser.press("ArrowDown");
    browser.await(step + " === 'step 5'");
    browser.press(" ");
    browser.await(step + " === 'base'");
    browser.press(" ");
    browser.await(step + " === 'step 5'");
    browser.press("ArrowRight");
    browser.await("document.querySelectorAll('.strip .shot').length === 4"); // 0 5 10, a reference
    browser.press("ArrowLeft");
    browser.await("document.querySelectorAll('.matrix .column').length === 3");
    browser.click(".matrix .column:nth-child(2) .shot.now");
    browser.await("document.querySelector('dialog').open");
    browser.await(IMAGES.formatted("dialog") + " === 1");
    browser.press("ArrowUp");
    browser.await("document.querySelector('dialog img').src.endsWith('step-000010/01.png')");
    browser.press("ArrowRight");
    browser.await("document.querySelector('dialog .top b').innerText === 'a bicycle'");
    browser.press("Escape");
    browser.await("!document.querySelector('dialog').open");
  }

  @Test
  void shouldShowWhatWasRewarded() {
    open("?run=second");
    browser.await("document.querySelectorAll('.group').length === 2");
    browser.value("document.querySelector('.histogram').scrollIntoView()");
    browser.await(IMAGES.formatted(".group") + " === 3"); // best and worst, and one of a flat group
    assertTrue(text(".group:last-child").contains("teaches nothing"), text(".group:last-child"));
    browser.click(".histogram button:not(:disabled):last-child");
    browser.await("document.querySelectorAll('.group').length === 1");
    browser.await("document.querySelectorAll('.image.out').length === 3");
    browser.click(".image:not(.out) .shot");
    browser.await("document.querySelector('dialog').open");
    assertTrue(text("dialog").contains("adversarial/global"), text("dialog"));
    assertTrue(text("dialog").contains("logits from -7.50 to 7.50"), text("dialog"));
    // sixteen places of which the first looks generated, the last like a reference
    assertEquals(
        "[40,90,255,255,140,26]",
        browser
            .value(
                "(() => { const c = document.querySelector('dialog canvas').getContext('2d');"
                    + "const all = [...c.getImageData(0, 0, 4, 4).data];"
                    + "return [...all.slice(0, 3), ...all.slice(-4, -1)]; })()")
            .toString());
  }

  /** With the token only; the same key again takes a label back. */
  @Test
  void shouldLabelByKeys() {
    String marks = "[...document.querySelectorAll('.group .mark')].map(m => m.className).join()";
    browser.open(server.url() + "/?run=first");
    browser.value("sessionStorage.clear()");
    browser.open(server.url() + "/?run=first&again");
    browser.await("document.querySelectorAll('.group').length === 2");
    browser.value("document.querySelector('.histogram').scrollIntoView()");
    browser.value("document.querySelector('.group .shot:not(.none)').focus()");
    browser.press("g");
    browser.click(".group .shot:not(.none)");
    browser.await("document.querySelector('dialog').open");
    assertEquals(0, browser.value("document.querySelectorAll('dialog kbd').length").asInt());
    browser.open(view.url() + "/?run=first&once" + OPINIONS.fragment());
    browser.await("document.querySelectorAll('.group').length === 2");
    assertFalse(browser.value(marks).asText().contains("good"), "nothing was labelled");
    assertTrue(browser.value("document.querySelector('.actions').hidden").asBoolean());
    browser.value("document.querySelector('.histogram').scrollIntoView()");
    browser.value("document.querySelector('.group .shot:not(.none)').focus()");
    browser.press("g");
    browser.await(marks + ".includes('good')");
    browser.press("a");
    browser.await(marks + ".includes('artifact') && !" + marks + ".includes('good')");
    browser.press("a");
    browser.await("!" + marks + ".includes('artifact')");
    browser.click(".group .shot:not(.none)");
    browser.await("document.querySelector('dialog').open");
    browser.press("g");
    browser.await(
        "document.querySelector('dialog button[aria-pressed=true] kbd').innerText === 'g'");
    browser.press("Escape");
    open("?run=first");
    browser.await(marks + ".includes('good')");
  }

  @Test
  void shouldJudgeBlind() throws IOException {
    browser.open(view.url() + "/?judge=second,first" + OPINIONS.fragment());
    String pictures = "document.querySelectorAll('.duel img')";
    for (int pair = 0; pair < 3; pair++) {
      String judged = "document.querySelector('[role=status]').innerText === '%d of 3 judged'";
      browser.await(judged.formatted(pair));
      browser.await("[..." + pictures + "].every(i => i.complete && i.naturalWidth === 64)");
      String shown = browser.value("document.querySelector('main').outerHTML").asText();
      String page = shown.replaceFirst("<a class=\"back\"[^>]*>", ""); // whom, not which
      assertFalse(page.matches("(?s).*(first|second|step|base|png).*"), page);
      List<String> keys = List.of("ArrowLeft", "ArrowDown", "ArrowRight");
      browser.await(
          "!document.querySelector('.controls button').disabled"); // before, no key counts
      browser.press(keys.get(pair));
    }
    browser.await("document.querySelector('.asked').innerText.startsWith('All pairs are judged')");
    browser.click("summary");
    browser.await("document.querySelectorAll('.scroll td').length === 11");
    assertTrue(text(".scroll").contains("second, step 10"), text(".scroll"));
    assertEquals(3, Files.readAllLines(folder.resolve("runs/second/preferences.jsonl")).size());
  }

  @Test
  void shouldShowWhatIsNewWithoutBeingOpenedAgain() throws IOException {
    open("?run=second");
    browser.await("document.querySelector('.facts').innerText.includes('step 10 of 80')");
    Files.writeString(
        folder.resolve("runs/second/metrics.jsonl"),
        "{\"step\":11,\"reward/total\":1.2,\"seconds\":6}\n",
        StandardOpenOption.APPEND);
    browser.await("document.querySelector('.facts').innerText.includes('step 11 of 80')");
  }

  @Test
  void shouldShowOldAndBrokenFolders() {
    open("?run=third");
    browser.await("document.querySelector('.card .grids img')");
    browser.value("document.querySelector('.card .grids').scrollIntoView()");
    browser.await(IMAGES.formatted(".grids") + " === 4"); // base and now, highest and lowest
    assertTrue(text("main").contains("this folder has no shown.jsonl"), text("main"));
    open("?run=broken");
    browser.await("document.querySelector('.facts').innerText.includes('step 3')");
    browser.await("document.querySelector('main').innerText.includes('config.conf is not read')");
    assertTrue(text("main").contains("1 line(s) of metrics.jsonl are damaged"), text("main"));
    browser.await("document.querySelector('#alarms').innerText.includes('line 1 is damaged')");
  }

  @Test
  void shouldShowWhoWorksAndWhatTheTimeGoesInto() {
    open("?run=first");
    browser.await("document.querySelectorAll('#cluster table tr').length === 8");
    String cluster = text("#cluster");
    for (String part :
        List.of(
            "led by 10.0.0.1:25520, conductor 2",
            "idle: reward 50% · rollout 12%",
            "policy 10 is " + HandActions.POLICY,
            "1 of 2 groups of step 11",
            "loads <10>",
            "9 " + HandActions.OLDER,
            "gone: left",
            "evaluator@10.0.0.2:25520",
            "an H200 in bfloat16")) {
      assertTrue(cluster.contains(part), part + " is not in " + cluster);
    }
    browser.await("!document.querySelector('#anatomy').hidden");
    assertTrue(text("#anatomy").contains("rollout idles 40% of the time"), text("#anatomy"));
    assertTrue(text("#anatomy .legend").contains("generate 47%"), text("#anatomy .legend"));
    // the first bar: queue, then generate for nearly half of it
    assertEquals(
        "[63,116,232,255]",
        browser
            .value(
                "(() => { const c = document.querySelector('#anatomy canvas');"
                    + "return [...c.getContext('2d').getImageData(c.width / 4, 2, 1, 1).data]; })()")
            .toString());
  }

  @Test
  void shouldNameResumePoints() {
    open("?run=second");
    browser.await("document.querySelectorAll('.checkpoints tr').length === 3");
    assertTrue(text(".checkpoints").contains("step 10"), text(".checkpoints"));
    assertTrue(text(".checkpoints").contains("aa00000000000000"), text(".checkpoints"));
    assertTrue(text("main").contains("./atelier fork "), "how to go on from one");
    assertTrue(text("main").contains("start its nodes again"), "it ran on a cluster");
  }

  /** Another site is opened by a click only, and gets the trace once it has answered. */
  @Test
  void shouldHandTheTraceOver() {
    open("?run=first");
    String button = "[...document.querySelectorAll('button')].find(b => /perfetto/.test(b.title))";
    browser.await("!!" + button);
    browser.value(
        "void (() => { const f = document.body.appendChild(document.createElement('iframe'));"
            + "const sent = window.sent = []; f.contentWindow.postMessage = (m, to) =>"
            + " sent.push([m, to]); window.open = () => f.contentWindow;"
            + button
            + ".click(); window.other = f.contentWindow; })()");
    browser.await("window.sent.length > 0");
    assertEquals(
        "[\"PING\",\"https://ui.perfetto.dev\"]", browser.value("window.sent[0]").toString());
    browser.value(
        "void ['https://evil.example', 'https://ui.perfetto.dev'].forEach(origin =>"
            + " window.dispatchEvent(new MessageEvent('message',"
            + " { data: 'PONG', origin, source: window.other })))");
    browser.await("window.sent.some(s => s[0].perfetto)");
    assertEquals(
        19, // bytes of the fixture's trace.json
        browser
            .value("window.sent.find(s => s[0].perfetto)[0].perfetto.buffer.byteLength")
            .asInt());
    assertEquals(1, browser.value("window.sent.filter(s => s[0].perfetto).length").asInt());
  }

  @Test
  void shouldFitAPhone() {
    browser.view(400, 800, true);
    open("?run=first");
    browser.await("document.querySelectorAll('.matrix .column').length === 3");
    browser.await("document.querySelectorAll('.group').length === 2");
    assertEquals(400, browser.value("document.documentElement.scrollWidth").asInt());
    assertEquals(
        "rgb(22, 24, 29)",
        browser.value("getComputedStyle(document.body).backgroundColor").asText());
    browser.view(1400, 900, false);
  }
}
