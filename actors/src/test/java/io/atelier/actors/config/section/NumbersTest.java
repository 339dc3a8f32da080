package io.atelier.actors.config.section;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.config.TrainConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers and paths are what was written or are refused; none is cut without a word. */
class NumbersTest {

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "9223372036854775807, 9223372036854775807",
    "9223372036854775808, -9223372036854775808",
    "18446744073709551615, -1",
    "1e3, 1000"
  })
  void shouldTakeSeedsOf64BitsAndKeepThem(String text, long bits) throws IOException {
    for (String key : List.of("run.seed", "evaluation.seed")) {
      Path file = Files.writeString(folder.resolve("my.conf"), key + " = " + text);
      for (TrainConfig config :
          List.of(
              TrainConfig.load("dev", key + "=" + text),
              TrainConfig.load("dev", List.of(file), List.of()))) {
        Path written = Files.writeString(folder.resolve("config.conf"), config.render());
        TrainConfig again = TrainConfig.read(written, List.of());
        boolean run = key.equals("run.seed");
        assertEquals(bits, run ? again.run().seed() : again.evaluation().seed(), key);
        assertEquals(config.deciding(), again.deciding());
      }
    }
    assertEquals(bits, Seed.parse(text));
    assertEquals(bits, Seed.parse(Seed.text(bits)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run.seed=1e30",
        "run.seed=18446744073709551616",
        "run.seed=-1",
        "run.seed=1.5",
        "run.seed=18446744073709551.614e3",
        "run.seed=1e999999999",
        "run.seed=1e-999999999",
        "evaluation.seed=-9223372036854775808",
        "evaluation.seed=lucky",
        "evaluation.seed=[1]"
      })
  void shouldRefuseOtherSeeds(String override) {
    refused(override, "must be a whole number from 0 to 18446744073709551615");
  }

  @ParameterizedTest
  @CsvSource({
    "transport.max-version-bytes=1e30, a whole number",
    "transport.max-version-bytes=9223372036854775808, a whole number",
    "run.steps=1e30, a whole number",
    "run.steps=4294967297, a whole number",
    "learner.learning-rate=1e400, is too large",
    "critic.weight-decay=1e-400, is too close to 0",
    "learner.kl-weight=NaN, must be a number",
    "evaluation.steps=100000, 1 to 4096",
    "evaluation.group-size=100000, 2 to 65536",
    "limits.load=5, with a unit",
    "limits.load=NaN s, with a unit",
    "limits.load=9999999999999999d, at most 3650 days",
    "limits.watchdog=1e30s, at most 3650 days",
  })
  void shouldRefuseWhatWouldBecomeAnotherNumber(String override, String rule) {
    refused(override, rule);
  }

  private static void refused(String override, String rule) {
    String message =
        assertThrows(InvalidConfigException.class, () -> TrainConfig.load("dev", override))
            .getMessage();
    assertTrue(message.contains(rule), message);
    assertTrue(message.contains(override.substring(0, override.indexOf('='))), message);
    assertTrue(message.contains("command line"), message);
  }

  @Test
  void shouldTakeNumbersAsTheyAreWritten() {
    TrainConfig config =
        TrainConfig.load("dev", "limits.load=1.5e3 ms", "critic.weight-decay=0.0e5");
    assertEquals(Duration.ofMillis(1500), config.limits().load());
    assertEquals(1000, TrainConfig.load("dev", "run.steps=1e3").run().steps());
  }

  @Test
  void shouldPutTheHomeFolderInThePlaceOfATilde() {
    String home = HomeFolder.expand("~");
    assertTrue(Files.isDirectory(Path.of(home)), home);
    TrainConfig config =
        TrainConfig.load(
            "dev",
            "run.dir=~/r1",
            "model.path=~/m",
            "rollout.height=64", // not the size of a model that is not there
            "rollout.width=64",
            "data.prompts=~/p.txt",
            "data.references=~/r",
            "transport.driver-directory=~/d");
    assertEquals(Path.of(home, "r1").toString(), config.run().dir());
    assertEquals(Path.of(home, "m").toString(), config.model().path());
    assertEquals(Path.of(home, "p.txt").toString(), config.data().prompts());
    assertEquals(Path.of(home, "r").toString(), config.data().references());
    assertEquals(Path.of(home, "d").toString(), config.transport().driverDirectory());
    assertEquals("a~b/~", HomeFolder.expand("a~b/~", "/h"));
    assertEquals("/h/x", HomeFolder.expand("~/x", "/h"));
    refused("run.dir=~somebody/r", "another user's home");
  }
}
