package io.atelier.actors.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.config.ConfigDifferences.Row;
import io.atelier.actors.config.section.InvalidConfigException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigDifferencesTest {

  @TempDir Path folder;

  @Test
  void shouldTellAPresetFromWhatWasGiven() {
    String written =
        TrainConfig.load("jpeg", "run.threads=1", "run.steps=12", "run.seed=7").render();
    ConfigDifferences differences = ConfigDifferences.of(written);
    assertEquals("jpeg", differences.preset());
    assertTrue(
        differences.rows().contains(new Row("reward.jpeg.weight", "1", "0", true)),
        differences.rows().toString());
    assertEquals(
        List.of("rollout.height", "rollout.width", "run.seed", "run.steps"),
        differences.rows().stream().filter(row -> !row.ofPreset()).map(Row::key).sorted().toList());
    assertEquals(Optional.of(12), differences.number("run.steps"));
    assertEquals(Optional.of("sync"), differences.text("schedule.mode"));
    assertEquals(Optional.empty(), differences.text("run.steps"));
    assertEquals(Optional.empty(), differences.number("run.steps.of.another"));
  }

  @Test
  void shouldReadForeignFilesAndNothingThatTheyName() throws Exception {
    Path secret = Files.writeString(folder.resolve("secret.conf"), "run.seed = 4711");
    ConfigDifferences differences =
        ConfigDifferences.of(
            "include file(\"%s\")\nnever.heard = of, run.steps = 3, home = ${?HOME}"
                .formatted(secret));
    assertEquals(
        List.of(
            new Row("never.heard", "\"of\"", "", false), new Row("run.steps", "3", "60", false)),
        differences.rows().stream().filter(row -> !row.key().equals("home")).toList());
    assertEquals(Optional.empty(), differences.text("home"));
    assertEquals(
        "config.conf: 1:",
        assertThrows(InvalidConfigException.class, () -> ConfigDifferences.of("{{{"))
            .getMessage()
            .substring(0, 15));
  }
}
