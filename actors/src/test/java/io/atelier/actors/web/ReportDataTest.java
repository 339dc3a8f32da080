package io.atelier.actors.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.actors.web.index.Answer;
import io.atelier.actors.web.index.Thumbnails;
import io.atelier.actors.web.view.RunContents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportDataTest {

  @TempDir Path folder;

  private JsonNode report() throws IOException {
    ReportData data = new ReportData(folder.toRealPath(), new HandClock());
    return Answer.JSON.valueToTree(data.answers("running"));
  }

  private static JsonNode answer(JsonNode report, String path) {
    return report.get("answers").get("/run/report/" + path);
  }

  private void add(String file, String line) throws IOException {
    Files.writeString(
        folder.resolve(file), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  @Test
  void shouldHaveAllOfASmallRun() throws IOException {
    RunFixture.make(folder);
    JsonNode report = report();
    assertTrue(answer(report, "state").get("note").isNull(), report::toString);
    assertEquals(10, answer(report, "groups").get("steps").size());
    JsonNode pictures = answer(report, "groups?step=9").get("pictures");
    assertEquals(4, pictures.size());
    for (JsonNode picture : pictures) {
      assertTrue(picture.get("kept").asBoolean());
      String name = "pictures/" + picture.get("file").asText();
      assertTrue(report.get("pictures").get(name).asText().startsWith("data:image/jpeg;base64,"));
      assertTrue(picture.has("places"));
    }
    assertTrue(report.get("pictures").has("images/highest-step-000010.png"));
    assertEquals("adversarial", answer(report, "worth").at("/rewards/0/name").asText());
  }

  @Test
  void shouldSayWhatItLeavesOut() throws IOException {
    RunFixture.make(folder);
    for (int step = 11; step <= ReportData.STEPS + 50; step++) {
      add("metrics.jsonl", "{\"step\":%d,\"reward/total\":1.5}".formatted(step));
    }
    for (int step = 11; step <= 20; step++) {
      add("shown.jsonl", "{\"step\":%d,\"images\":[{\"file\":\"x.png\"}]}".formatted(step));
    }
    JsonNode report = report();
    List<String> lines = answer(report, "file/metrics.jsonl").asText().lines().toList();
    assertEquals(ReportData.STEPS, lines.size());
    assertTrue(lines.get(0).startsWith("{\"step\":1,"), lines.get(0));
    assertTrue(lines.get(ReportData.STEPS - 1).startsWith("{\"step\":2050,"));
    String note = answer(report, "state").get("note").asText();
    assertTrue(note.contains("measurements of 50 step(s), the pictures of 1 evaluation(s);"), note);
  }

  @Test
  void shouldShowWhatIsReadableOfADamagedFolder() throws IOException {
    RunFixture.make(folder);
    add("references.jsonl", "{broken");
    add("references.jsonl", "[1]");
    Files.write(folder.resolve("nodes.jsonl"), new byte[] {'"', (byte) 0xc3, '"', 10}); // no UTF-8
    add("groups.jsonl", "{broken");
    add("pictures/index.jsonl", "nonsense");
    Files.writeString(folder.resolve("config.conf"), "{{{");
    Files.delete(folder.resolve("images/evaluations/step-000005/01.png"));
    JsonNode report = report();
    assertEquals(1, answer(report, "file/references.jsonl").asText().lines().count());
    assertEquals(1, answer(report, "groups").get("damaged").asInt());
    assertTrue(answer(report, "config").get("problem").asText().contains("is not read"));
    assertFalse(report.get("pictures").has("images/evaluations/step-000005/01.png"));
    assertTrue(report.get("pictures").has("images/evaluations/step-000005/02.png"));
  }

  @Test
  void shouldBeWrittenBeforeThereIsAnyFile() throws IOException {
    JsonNode report = report();
    assertEquals(0, report.get("pictures").size());
    assertEquals("", answer(report, "file/metrics.jsonl").asText());
    assertNull(report.get("answers").get("/run/report/groups?step=1"));
  }

  @Test
  void shouldTakePicturesUntilThereAreTooMany() throws IOException {
    RunFixture.make(folder);
    RunContents contents = new RunContents(folder.toRealPath(), new Thumbnails(0));
    List<String> names =
        IntStream.range(0, 3)
            .mapToObj("images/evaluations/step-000005/%02d.png"::formatted)
            .toList();
    ReportPictures all = new ReportPictures(contents, Long.MAX_VALUE);
    all.begin();
    for (String name : names) {
      assertTrue(all.addSmall(name, 64));
      assertTrue(all.addSmall(name, 64), "it is there");
    }
    long two = all.all().get(names.get(0)).length() + all.all().get(names.get(1)).length();
    ReportPictures some = new ReportPictures(contents, two);
    for (int again = 0; again < 2; again++) {
      some.begin();
      assertEquals(
          List.of(true, true, false),
          List.of(
              some.addSmall(names.get(0), 64),
              some.addSmall(names.get(1), 64),
              some.addSmall(names.get(2), 64)));
      assertEquals(1, some.leftOut());
      assertEquals(2, some.all().size());
    }
    assertFalse(some.addSmall("images/evaluations/none.png", 64));
  }
}
