package io.atelier.actors.run.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.actors.ledger.model.Counts;
import io.atelier.actors.port.Clock;
import io.atelier.actors.report.EvaluationReport;
import io.atelier.actors.report.RankedImages;
import io.atelier.actors.report.RunEnd;
import io.atelier.actors.report.RunFailedException;
import io.atelier.actors.report.StepReport;
import io.atelier.actors.run.checkpoint.Checkpoint;
import io.atelier.actors.run.checkpoint.States;
import io.atelier.actors.run.file.Json;
import io.atelier.actors.run.file.JsonLines;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.folder.RunFolder;
import io.atelier.actors.run.metrics.MeasuredPrompts;
import io.atelier.actors.web.RunReport;
import io.atelier.models.assets.EmojiPack;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.models.vision.Images;
import io.atelier.rollout.Prompt;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RunRecorderTest {

  private static final RecorderPlan PLAN = plan(MeasuredPrompts.HELD_OUT);

  @TempDir Path parent;
  private Path root;
  private long nanos;
  private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
  private final Terminal terminal =
      new Terminal(new PrintWriter(screen, true, StandardCharsets.UTF_8), false);

  private final Clock clock =
      new Clock() {
        @Override
        public long nanos() {
          return nanos;
        }

        @Override
        public long epochMillis() {
          return nanos / 1_000_000;
        }
      };

  @BeforeEach
  void setUp() {
    root = parent.resolve("run");
  }

  /** A step of two groups that took ten seconds. */
  private StepReport step(int step) {
    nanos += 10_000_000_000L;
    Map<String, Double> metrics = new TreeMap<>();
    metrics.put("reward/total", 0.1 * step);
    metrics.put("critic/accuracy", 0.5 + 0.05 * step);
    metrics.put("policy/clip-fraction", step == 1 ? Double.NaN : 0.25);
    return new StepReport(
        step,
        step + 1,
        "aa",
        step + 1,
        "bb",
        metrics,
        new TreeMap<>(Map.of(0, 1, 1, 1)),
        new TreeMap<>(Map.of("rollout", 0.25)),
        new Counts(2 * step + 3, 2 * step + 2, 0, 1, 0, 0, 0),
        16,
        10);
  }

  private static EvaluationReport evaluation(int step, double share) {
    return evaluation(step, share, 150.0 - step);
  }

  private static EvaluationReport evaluation(int step, double share, double kid) {
    EmojiPack pack = EmojiPack.load();
    List<Integer> concepts = List.of(0, 40, 80, 120, 160, 200, 240, 280, 320);
    List<Prompt> prompts = new ArrayList<>();
    concepts.forEach(concept -> prompts.add(new Prompt(concept, pack.captions().get(concept))));
    EmojiStyle style = step == 0 ? EmojiStyle.FLAT : EmojiStyle.THREE_D;
    Map<String, Double> metrics =
        Map.of("kidReference", kid, "styleShare", share, "retrievalTop1", 0.5, "diversity", 0.3);
    return new EvaluationReport(
        step,
        "h" + step,
        new EvaluationReport.Result(metrics, pack.images(style, concepts), prompts),
        2);
  }

  private static RecorderPlan plan(MeasuredPrompts measured) {
    return plan(6, measured);
  }

  /** The first image of the pack is the reference of its first concept; others have none. */
  private static RecorderPlan plan(int steps, MeasuredPrompts measured) {
    EmojiPack pack = EmojiPack.load();
    return new RecorderPlan(
        steps,
        8,
        2,
        2,
        true,
        OptionalInt.empty(),
        measured,
        prompt ->
            prompt.index() > 0 ? List.of() : List.of(pack.image(EmojiStyle.FLAT, prompt.index())));
  }

  private RunRecorder recorder(RunFolder folder, int trained) {
    return recorder(folder, PLAN, trained);
  }

  private RunRecorder recorder(RunFolder folder, RecorderPlan plan, int trained) {
    return new RunRecorder(folder, plan, trained, RunReport.of(root, clock), clock, terminal);
  }

  private static RunEnd end(int steps) {
    return new RunEnd(
        steps,
        false,
        "policy-hash",
        "critic-hash",
        new Counts(2L * steps, 2L * steps, 0, 0, 0, 0, 0));
  }

  @Test
  void shouldLeaveACompleteFolder() throws Exception {
    try (RunFolder folder = RunFolder.create(root, "run.steps = 6 # </script>")) {
      RunRecorder recorder = recorder(folder, 0);
      Files.write(folder.files().ledger(), new byte[600]);
      recorder.onEvaluation(evaluation(0, 0.125));
      for (int i = 0; i < 6; i++) {
        recorder.onStep(step(i));
      }
      recorder.onCheckpointDue(States.of(6, 1));
      recorder.onEvaluation(evaluation(6, 0.75));
      recorder.onFinished(end(6));
      assertEquals(end(6), recorder.end().get());
    }
    RunFiles files = new RunFiles(root);
    List<Map<String, Object>> lines = JsonLines.read(files.metrics());
    assertEquals(6, lines.size());
    assertEquals(1, lines.stream().map(Map::keySet).distinct().count());
    assertEquals(2, lines.get(1).get("step"));
    assertEquals(0.5, lines.get(1).get("lag/mean"));
    assertEquals(1.6, lines.get(1).get("images-per-second"));
    assertEquals(20.0, lines.get(1).get("elapsed"));
    assertTrue(lines.get(1).containsKey("policy/clip-fraction"));
    assertFalse(Files.readString(files.metrics()).contains("NaN"));
    assertTrue(Files.size(files.grid(0)) > 1000);
    assertTrue(Files.size(files.grid(6)) > 1000);
    assertEquals(6, Checkpoint.verify(files.checkpoints().resolve("step-000006")));
    assertTrue(Json.MAPPER.readTree(files.trace().toFile()).isArray());
  }

  /** A step takes ten seconds, and there are no evaluations. */
  @Test
  void shouldReportBetweenEvaluationsButNotAllTheTime() throws Exception {
    try (RunFolder folder = RunFolder.create(root, "run.steps = 6")) {
      RunRecorder recorder = recorder(folder, 0);
      List<Integer> reported = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        recorder.onStep(step(i));
        if (i == 0) {
          assertTrue(Files.notExists(new RunFiles(root).report()), "the run does not wait for it");
        }
        recorder.onBeat();
        recorder.onBeat();
        reported.add(lines("metrics").size());
      }
      assertEquals(List.of(1, 1, 1, 4, 4, 4), reported);
      recorder.onFinished(end(6));
      assertEquals(6, lines("metrics").size());
      String last = Files.readString(new RunFiles(root).report());
      assertEquals("finished", answer("state").get("state").asText());
      nanos += 60_000_000_000L;
      recorder.onBeat();
      assertEquals(last, Files.readString(new RunFiles(root).report()), "it stays the last");
    }
  }

  /** A folder is where it should be written. */
  @Test
  void shouldGoOnWithoutAReport() throws Exception {
    try (RunFolder folder = RunFolder.create(root, "run.steps = 6")) {
      RunRecorder recorder = recorder(folder, 0);
      Path report = Files.createDirectory(new RunFiles(root).report());
      Files.createFile(report.resolve("full"));
      recorder.onStep(step(0));
      recorder.onBeat();
      recorder.onStep(step(1));
      assertFalse(recorder.failed());
    }
  }

  /** A tag with its length before it; names of measurements have others. */
  @Test
  void shouldKeepThePictureOfTheBaseApartInTensorBoard() throws IOException {
    shouldLeaveFolderOf(2);
    StringBuilder events = new StringBuilder();
    try (Stream<Path> files = Files.walk(new RunFiles(root).tensorBoard())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        events.append(Files.readString(file, StandardCharsets.ISO_8859_1));
      }
    }
    assertEquals(2, events.toString().split("\n\rheld-out/base", -1).length, "of step 0");
    assertEquals(2, events.toString().split("\n\bheld-out", -1).length, "of step 2");
  }

  /** Its first reward rises by .1 a step; KID rises from 150 to 153. */
  @Test
  void shouldWarnOfARewardThatRisesWhileImagesGetWorseAndShowWhatItLikes() throws IOException {
    EmojiPack pack = EmojiPack.load();
    List<RankedImages.Ranked> ranked = new ArrayList<>();
    for (int concept : List.of(0, 40, 80)) {
      ranked.add(
          new RankedImages.Ranked(
              pack.images(EmojiStyle.FLAT, List.of(concept)),
              new Prompt(concept, pack.captions().get(concept)),
              concept));
    }
    RecorderPlan plan = plan(20, MeasuredPrompts.HELD_OUT);
    try (RunFolder folder = RunFolder.create(root, "run.steps = 20")) {
      RunRecorder recorder = recorder(folder, plan, 0);
      recorder.onEvaluation(evaluation(0, 0.125, 150));
      for (int i = 0; i < 20; i++) {
        StepReport step = step(i);
        step.metrics().put("reward/warm", 0.1 * i);
        recorder.onStep(step);
      }
      recorder.onRanked(new RankedImages(20, ranked, List.of(ranked.get(2), ranked.get(0))));
      recorder.onEvaluation(evaluation(20, 0.5, 153));
      recorder.onFinished(end(20));
    }
    RunFiles files = new RunFiles(root);
    String flag = "from step 0 to 20 every reward rose, while KID got worse from 150 to 153";
    assertTrue(screen.toString(StandardCharsets.UTF_8).contains("ALARM hacking: " + flag));
    List<Map<String, Object>> evaluations = JsonLines.read(files.evaluations());
    assertNull(evaluations.get(0).get("herding"), "there is nothing before the base");
    assertEquals(1.0, evaluations.get(1).get("herding"));
    JsonNode hacking = answer("worth");
    assertTrue(hacking.at("/herding/0").asText().startsWith(flag), hacking::toString);
    assertEquals("warm", hacking.at("/rewards/0/name").asText());
    assertEquals(1.7, hacking.at("/rewards/0/last").asDouble(), 1e-12); // mean of 1.5 to 1.9
    assertEquals(20, hacking.get("step").asInt());
    BufferedImage highest = ImageIO.read(files.highest(20).toFile());
    BufferedImage lowest = ImageIO.read(files.lowest(20).toFile());
    assertTrue(highest.getWidth() > lowest.getWidth(), "three beside two");
  }

  @Test
  void shouldTakeNothingButVersionZeroForTheStart() throws Exception {
    try (RunFolder folder = RunFolder.create(root, "run.steps = 6")) {
      RunRecorder recorder = recorder(folder, 0);
      for (int i = 0; i < 6; i++) {
        recorder.onStep(step(i));
      }
      recorder.onEvaluation(evaluation(4, 0.5));
      recorder.onFinished(end(6));
      recorder.end().get();
    }
    JsonNode heldOut = heldOut();
    assertTrue(heldOut.get("start").get("styleShare").isNull(), "step 4 is not the base");
    assertEquals(0.5, heldOut.get("end").get("styleShare").asDouble());
    assertEquals(List.of(4), steps("shown"));
    try (RunFolder folder = RunFolder.resume(root)) {
      RunRecorder recorder = recorder(folder, 6);
      assertEquals(Map.of(4, "h4"), recorder.evaluated());
      recorder.onEvaluation(evaluation(0, 0.125)); // made later than step 4
      recorder.onFinished(end(6));
      recorder.end().get();
    }
    assertEquals(0.125, heldOut().get("start").get("styleShare").asDouble());
    assertEquals(0.5, heldOut().get("end").get("styleShare").asDouble());
    assertEquals(List.of(4, 0), steps("evaluations"), "as they were made");
    assertEquals(List.of(0, 4), steps("shown"));
  }

  @Test
  void shouldNotTakeTheBaseForTheEnd() throws Exception {
    try (RunFolder folder = RunFolder.create(root, "run.steps = 6")) {
      RunRecorder recorder = recorder(folder, 0);
      recorder.onEvaluation(evaluation(0, 0.125));
      recorder.onStep(step(0));
      recorder.onFinished(end(1));
      recorder.end().get();
    }
    assertEquals(0.125, heldOut().get("start").get("styleShare").asDouble());
    assertTrue(heldOut().get("end").get("styleShare").isNull(), "nothing that was trained");
  }

  @Test
  void shouldShowNoImagesOfAnEvaluationThatIsNotInTheFile() throws Exception {
    try (RunFolder folder = RunFolder.create(root, "run.steps = 6")) {
      RunRecorder recorder = recorder(folder, 0);
      recorder.onEvaluation(evaluation(0, 0.125));
      recorder.onEvaluation(evaluation(4, 0.5));
      recorder.onFinished(end(4));
      recorder.end().get();
    }
    try (RunFolder folder = RunFolder.resume(root)) { // from a checkpoint before step 4
      RunRecorder recorder = recorder(folder, 2);
      recorder.onFinished(end(2));
      recorder.end().get();
    }
    assertEquals(List.of(0), steps("shown"));
  }

  @Test
  void shouldKeepTheImagesOfEveryEvaluationOneByOne() throws Exception {
    try (RunFolder folder = RunFolder.create(root, "run.steps = 6")) {
      RunRecorder recorder = recorder(folder, 0);
      recorder.onEvaluation(evaluation(0, 0.125));
      recorder.onEvaluation(evaluation(4, 0.25));
      recorder.onEvaluation(evaluation(4, 0.5)); // made again
      recorder.onEvaluation(evaluation(5, 0.5));
    }
    RunFiles files = new RunFiles(root);
    List<Map<String, Object>> shown = JsonLines.read(files.shown());
    assertEquals(List.of(0, 4, 5), shown.stream().map(line -> line.get("step")).toList());
    JsonNode line = Json.MAPPER.valueToTree(shown.get(1));
    assertEquals(9, line.get("images").size());
    JsonNode third = line.at("/images/2");
    EmojiPack pack = EmojiPack.load();
    assertEquals(pack.captions().get(80), third.get("prompt").asText());
    assertEquals("evaluations/step-000004/02.png", third.get("file").asText());
    assertEquals(64, third.get("width").asInt());
    assertEquals(64, third.get("height").asInt());
    BufferedImage image = ImageIO.read(files.images().resolve(third.get("file").asText()).toFile());
    byte[] expected = pack.image(EmojiStyle.THREE_D, 80).rgb();
    for (int i = 0; i < 64 * 64; i++) {
      int pixel = image.getRGB(i % 64, i / 64);
      assertEquals(expected[3 * i] & 0xff, pixel >> 16 & 0xff);
      assertEquals(expected[3 * i + 2] & 0xff, pixel & 0xff);
    }
    List<Map<String, Object>> references = JsonLines.read(files.references());
    assertEquals(
        List.of(Map.of("prompt", pack.captions().get(0), "files", List.of("references/00-0.jpg"))),
        references);
    assertEquals(
        64, ImageIO.read(files.images().resolve("references/00-0.jpg").toFile()).getWidth());
    try (RunFolder folder = RunFolder.resume(root)) {
      recorder(folder, 4);
    }
    shown = JsonLines.read(files.shown());
    assertEquals(List.of(0, 4), shown.stream().map(kept -> kept.get("step")).toList());
  }

  /** One of noise with 1024 pixels a side takes more than a megabyte as a PNG. */
  @Test
  void shouldShowSmallPicturesOfLargeOnesInTheReport() throws Exception {
    byte[] noise = new byte[Images.bytes(2, 1024, 1024)];
    new Random(1).nextBytes(noise);
    EvaluationReport.Result result =
        new EvaluationReport.Result(
            Map.of(),
            new Images(2, 1024, 1024, noise),
            List.of(new Prompt(1, "</script>"), new Prompt(2, "noise")));
    try (RunFolder folder = RunFolder.create(root, "run.steps = 6")) {
      RunRecorder recorder = recorder(folder, 0);
      recorder.onEvaluation(evaluation(0, 0.125));
      recorder.onEvaluation(new EvaluationReport(4, "h4", result, 1));
      recorder.onFinished(end(6));
    }
    assertTrue(Files.size(root.resolve("images/evaluations/step-000004/00.png")) > 1 << 20);
    JsonNode pictures = report().get("pictures");
    String small = pictures.get("images/evaluations/step-000000/00.png").asText();
    assertTrue(small.startsWith("data:image/png;base64,"), small.substring(0, 40));
    String large = pictures.get("images/evaluations/step-000004/00.png").asText();
    String jpeg = "data:image/jpeg;base64,";
    assertTrue(large.startsWith(jpeg), large.substring(0, 40));
    byte[] bytes = Base64.getDecoder().decode(large.substring(jpeg.length()));
    assertEquals(256, ImageIO.read(new ByteArrayInputStream(bytes)).getWidth());
  }

  private JsonNode heldOut() throws IOException {
    return Json.MAPPER.readTree(new RunFiles(root).summary().toFile()).get("heldOut");
  }

  private JsonNode report() throws IOException {
    String html = Files.readString(new RunFiles(root).report());
    Matcher data = Pattern.compile("<script id=\"report\"[^>]*>(.*)</script>").matcher(html);
    assertTrue(data.find());
    return Json.MAPPER.readTree(data.group(1));
  }

  /** What the report has in the place of a server's answer. */
  private JsonNode answer(String path) throws IOException {
    return report().get("answers").get("/run/report/" + path);
  }

  private List<JsonNode> lines(String file) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : answer("file/" + file + ".jsonl").asText().lines().toList()) {
      lines.add(Json.MAPPER.readTree(line));
    }
    return lines;
  }

  private List<Integer> steps(String file) throws IOException {
    return lines(file).stream().map(line -> line.get("step").asInt()).toList();
  }

  @Test
  void shouldSummariseWithExactlyThePromisedKeys() throws IOException {
    shouldLeaveFolderOf(6);
    JsonNode summary = Json.MAPPER.readTree(new RunFiles(root).summary().toFile());
    List<String> keys = new ArrayList<>();
    summary.fieldNames().forEachRemaining(keys::add);
    assertEquals(
        List.of(
            "steps",
            "policyHash",
            "criticHash",
            "groupsAdmitted",
            "groupsTrained",
            "groupsDropped",
            "images",
            "imagesPerUpdate",
            "wallSeconds",
            "heldOut"),
        keys);
    assertEquals(96, summary.get("images").asInt());
    assertEquals(8, summary.get("imagesPerUpdate").asInt());
    assertEquals(60, summary.get("wallSeconds").asInt());
    assertEquals(0.125, summary.at("/heldOut/start/styleShare").asDouble());
    assertEquals(0.75, summary.at("/heldOut/end/styleShare").asDouble());
    assertEquals(144.0, summary.at("/heldOut/end/kidReference").asDouble());
    assertEquals(0.5, summary.at("/heldOut/end/retrievalTop1").asDouble());
    assertEquals(0.3, summary.at("/heldOut/end/diversity").asDouble());
    assertEquals(4, summary.at("/heldOut/start").size());
  }

  @ParameterizedTest
  @EnumSource(MeasuredPrompts.class)
  void shouldSayWhetherItMeasuresWhatItTrainsOn(MeasuredPrompts measured) throws IOException {
    shouldLeaveFolderOf(3, plan(measured));
    RunFiles files = new RunFiles(root);
    boolean heldOut = measured == MeasuredPrompts.HELD_OUT;
    List<String> names =
        heldOut
            ? List.of("heldOut", "held out, ", "held-out")
            : List.of("trainedPrompts", "trained prompts, ", "trained-prompts");
    JsonNode summary = Json.MAPPER.readTree(files.summary().toFile());
    assertEquals(0.75, summary.at("/" + names.get(0) + "/end/styleShare").asDouble());
    assertEquals(!heldOut, summary.path("heldOut").isMissingNode());
    assertEquals(heldOut, summary.path("trainedPrompts").isMissingNode());
    assertEquals(0.75, RunSummary.read(files.summary()).heldOut().end().styleShare());
    assertTrue(screen.toString(StandardCharsets.UTF_8).startsWith(names.get(1)), names.get(1));
    for (Map<String, Object> line : JsonLines.read(files.evaluations())) {
      assertEquals(names.get(2), line.get("prompts"));
    }
    String events = new String(tensorBoard(files), StandardCharsets.ISO_8859_1);
    assertTrue(events.contains(names.get(2) + "/styleShare"));
    if (!heldOut) {
      Pattern word = Pattern.compile("held.?out", Pattern.CASE_INSENSITIVE);
      assertFalse(word.matcher(report() + events + summary + screen).find());
    }
  }

  private static byte[] tensorBoard(RunFiles files) throws IOException {
    try (Stream<Path> written = Files.list(files.tensorBoard())) {
      return Files.readAllBytes(written.findFirst().orElseThrow());
    }
  }

  private void shouldLeaveFolderOf(int steps) {
    shouldLeaveFolderOf(steps, PLAN);
  }

  private void shouldLeaveFolderOf(int steps, RecorderPlan plan) {
    try (RunFolder folder = RunFolder.create(root, "run.steps = 6 # </script>")) {
      RunRecorder recorder = recorder(folder, plan, 0);
      recorder.onEvaluation(evaluation(0, 0.125));
      for (int i = 0; i < steps; i++) {
        recorder.onStep(step(i));
      }
      recorder.onEvaluation(evaluation(steps, 0.75));
      recorder.onFinished(end(steps));
    }
  }

  @Test
  void shouldWriteReportThatNeedsNothingElse() throws IOException {
    shouldLeaveFolderOf(6);
    String html = Files.readString(new RunFiles(root).report());
    assertFalse(html.contains("{{"), "a place was not filled");
    assertFalse(
        Pattern.compile("(src|href)\\s*=\\s*\"(?!data:)").matcher(html).find(), "refers to a file");
    assertFalse(html.contains("@import"));
    assertEquals(6, lines("metrics").size());
    assertTrue(lines("metrics").get(1).get("policy/clip-fraction").isNull());
    assertEquals(0.75, lines("evaluations").get(1).get("styleShare").asDouble());
    assertEquals("run.steps = 6 # </script>", answer("file/config.conf").asText().strip());
  }

  @Test
  void shouldGoOnWhereTheCheckpointIs() {
    try (RunFolder folder = RunFolder.create(root, "")) {
      RunRecorder killed = recorder(folder, 0);
      killed.onEvaluation(evaluation(0, 0.125));
      for (int i = 0; i < 5; i++) {
        killed.onStep(step(i));
      }
      killed.onEvaluation(evaluation(5, 0.5));
    }
    try (RunFolder folder = RunFolder.resume(root)) {
      RunRecorder resumed = recorder(folder, 3);
      assertEquals(3, JsonLines.read(folder.files().metrics()).size());
      assertEquals(1, JsonLines.read(folder.files().evaluations()).size());
      for (int i = 3; i < 6; i++) {
        resumed.onStep(step(i));
      }
      resumed.onEvaluation(evaluation(6, 0.5));
      resumed.onEvaluation(evaluation(6, 0.75));
      resumed.onFinished(end(6));
      List<Map<String, Object>> lines = JsonLines.read(folder.files().metrics());
      assertEquals(List.of(1, 2, 3, 4, 5, 6), lines.stream().map(l -> l.get("step")).toList());
      assertEquals(60.0, lines.get(5).get("elapsed"));
      RunSummary summary = RunSummary.read(folder.files().summary());
      assertEquals(60.0, summary.wallSeconds());
      assertEquals(0.75, summary.heldOut().end().styleShare());
      assertEquals(2, JsonLines.read(folder.files().evaluations()).size());
    }
  }

  /** What comes after the checkpoint is measured again, and says nothing before. */
  @Test
  void shouldRaiseNoAlarmByAnEvaluationThatIsMadeAgain() {
    RecorderPlan longer =
        new RecorderPlan(
            30, 8, 1, 1, false, OptionalInt.empty(), MeasuredPrompts.HELD_OUT, PLAN.references());
    try (RunFolder folder = RunFolder.create(root, "")) {
      RunRecorder killed = recorder(folder, longer, 0);
      killed.onEvaluation(evaluation(0, 0.125, 40));
      for (int i = 0; i < 25; i++) {
        killed.onStep(step(i));
      }
      killed.onEvaluation(evaluation(25, 0.5, 400));
      assertTrue(screen.toString(StandardCharsets.UTF_8).contains("ALARM hacking"), "" + screen);
    }
    screen.reset();
    try (RunFolder folder = RunFolder.resume(root)) {
      recorder(folder, longer, 20).onStep(step(20));
      assertFalse(screen.toString(StandardCharsets.UTF_8).contains("hacking"), "" + screen);
    }
  }

  @Test
  void shouldShowStepsEvaluationsAndReports() {
    shouldLeaveFolderOf(2);
    List<String> lines = screen.toString(StandardCharsets.UTF_8).lines().toList();
    assertEquals(
        "held out, the base:  style share 0.13  KID 150  retrieval 0.50  diversity 0.30  (2 s)",
        lines.get(0));
    assertEquals(
        "step 1  policy 1  critic 1  reward .000  acc 50%  lag 0/1  idle roll 25%  1.6 img/s"
            + "  dropped 0  eta 50s",
        lines.get(1));
  }

  @Test
  void shouldPassOnTheFirstCauseOfAFailure() throws IOException {
    try (RunFolder folder = RunFolder.create(root, "")) {
      RunRecorder recorder = recorder(folder, 0);
      recorder.onStep(step(0));
      recorder.onFailed(new RunFailedException("reward-0 failed: no such model"));
      ExecutionException e = assertThrows(ExecutionException.class, () -> recorder.end().get());
      assertEquals("reward-0 failed: no such model", e.getCause().getMessage());
      assertEquals("failed", answer("state").get("state").asText());
      assertFalse(Files.exists(folder.files().summary()));
    }
  }
}
