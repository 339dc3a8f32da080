package io.atelier.actors.api.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.atelier.actors.config.TrainConfig;
import io.atelier.models.sd3.PipelineFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class TimePlanTest {

  private static final Path MODEL =
      Path.of(System.getProperty("atelier.root", "..")).resolve("tests/golden/sd3-tiny");

  /** 2026-11-29, 12:00. */
  private static final long NOON = 1_795_953_600_000L;

  @TempDir Path folder;

  private final PipelineFolder model = new PipelineFolder(MODEL);

  private static TrainConfig config(String... more) {
    return TrainConfig.load(
        "dev",
        Stream.concat(
                Stream.of(
                    "model.path=" + MODEL,
                    "run.threads=1",
                    "run.steps=100",
                    "rollout.height=64",
                    "rollout.width=64",
                    "rollout.group-size=4",
                    "rollout.merge-adapter=false",
                    "workers.rollout=2",
                    "workers.gradient=0"),
                Stream.of(more))
            .toArray(String[]::new));
  }

  private void keep(String bench, double seconds, int group, TrainConfig config) {
    Speeds.Conditions conditions = Speeds.conditions(bench, config, model).orElseThrow();
    boolean merged = bench.equals("sampling");
    new Speeds(folder).keep(new Speeds.Speed(conditions, seconds, group, merged, NOON));
  }

  private List<String> lines(TrainConfig config) {
    return TimePlan.lines(config, model, new Speeds(folder), 1000, 600);
  }

  @Test
  void shouldTellTheTimeOfAStep() {
    keep("sampling", 0.002, 4, config());
    keep("training", 0.005, 4, config());
    List<String> lines = lines(config()); // 1000 · 0.002 / 2 and 600 · 0.005
    assertEquals(
        "time        about 4.0 s a step: 1.0 s sampling by 2 rollout worker(s), then 3.0 s training"
            + " by 1 learner(s); 7 min in all",
        lines.get(0));
    assertTrue(lines.get(1).contains("bench measured on 2026-11-29 and 2026-11-29"), lines.get(1));
    assertTrue(lines.get(1).endsWith("; the adapter was merged, and is not in this run"));
    keep("training", 0.006, 8, config());
    String then = String.join("\n", lines(config()));
    assertTrue(then.contains("3.6 s training"), then);
    assertTrue(lines(config("workers.gradient=2")).get(0).contains("1.2 s training by 3"));
    assertTrue(then.endsWith("; groups were of 4 and 8, and are of 4"), then);
  }

  @Test
  void shouldSayThatTrainingOfAllWeightsWasNotMeasured() {
    keep("sampling", 0.002, 4, config());
    keep("training", 0.005, 4, config());
    String said = lines(config("model.train=full")).get(1);
    assertTrue(said.contains("; an adapter was trained, and in this run all weights are"), said);
    assertFalse(said.contains("merged"), said);
  }

  @Test
  void shouldSayWhichCommandMeasures() {
    List<String> lines = lines(config("rollout.guidance=3"));
    assertTrue(lines.get(0).contains("not known: sampling and training were not"), lines.get(0));
    String options = "--pixels 64 --group 4 --steps 10 --trained 2 --guidance 3.0 --rank 32";
    assertTrue(lines.get(1).contains("./atelier bench sampling --model " + MODEL), lines.get(1));
    assertTrue(lines.get(1).contains(options), lines.get(1));
    keep("sampling", 0.002, 4, config());
    String said = String.join("\n", lines(config()));
    assertTrue(said.contains("not known: training was not measured"), said);
    assertTrue(said.contains("./atelier bench training "), said);
  }

  @Test
  void shouldTakeNoSpeedOfAnotherKind() {
    keep("sampling", 0.002, 4, config());
    keep("training", 0.005, 4, config());
    for (String other :
        List.of("rollout.height=32 rollout.width=32", "run.threads=2", "rollout.guidance=1")) {
      String said = lines(config(other.split(" "))).get(0);
      assertTrue(said.contains("not known"), said);
    }
    assertEquals(
        List.of("time        not known: ./atelier bench measures square images only"),
        lines(config("rollout.width=32")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"seconds\": ",
        "{\"seconds\": -1, \"group\": 4, \"millis\": \"1\"}",
        "{\"seconds\": 1, \"group\": 4, \"millis\": \"soon\"}",
      })
  void shouldLeaveOutWhatCannotBeReadAndNameTheFile(String text) throws IOException {
    keep("sampling", 0.002, 4, config());
    keep("training", 0.005, 4, config());
    Path file;
    try (Stream<Path> files = Files.list(folder)) {
      file = files.filter(f -> f.toString().contains("training")).findFirst().orElseThrow();
    }
    Files.writeString(file, text);
    Logger log = (Logger) LoggerFactory.getLogger(Speeds.class);
    ListAppender<ILoggingEvent> logged = new ListAppender<>();
    logged.start();
    log.addAppender(logged);
    try {
      String said = lines(config()).get(0);
      assertTrue(said.contains("not known: training was not measured"), said);
    } finally {
      log.detachAppender(logged);
    }
    String warning = logged.list.get(0).getFormattedMessage();
    assertTrue(warning.contains(file.toString()), warning);
  }
}
