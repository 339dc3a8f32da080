package io.atelier.actors.config.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PluginRewardConfigTest {

  private static final String[] SETTINGS = {
    "reward.plugins.style.weight=0.5",
    "reward.plugins.style.settings.model=a red one",
    "reward.plugins.style.settings.layers.last=3",
    "reward.plugins.style.settings.words=[a, b]",
  };

  @TempDir Path folder;

  private static PluginRewardConfig only(TrainConfig config) {
    assertEquals(1, config.reward().plugins().size());
    return config.reward().plugins().get(0);
  }

  @Test
  void shouldGiveThePlugInWhatItsUserWrote() {
    PluginRewardConfig part = only(TrainConfig.load("dev", SETTINGS));
    assertEquals("style", part.name());
    assertEquals(0.5, part.weight());
    String read =
        part.read(
            settings -> {
              settings.require("model");
              return "%s %d %s %s %s"
                  .formatted(
                      settings.text("model", ""),
                      settings.integer("layers.last", 1),
                      settings.texts("words", List.of()),
                      settings.decimal("share", 0.25),
                      settings.flag("quick", true));
            });
    assertEquals("a red one 3 [a, b] 0.25 true", read);
    assertEquals(1, only(TrainConfig.load("dev", "reward.plugins.a.settings.b=1")).weight());
  }

  @Test
  void shouldBeReadBackFromARunFolderAndBePartOfTheResult() throws IOException {
    TrainConfig config = TrainConfig.load("dev", SETTINGS);
    String text = config.render();
    assertFalse(text.contains("NAME {"), text);
    TrainConfig again =
        TrainConfig.read(Files.writeString(folder.resolve("config.conf"), text), List.of());
    assertEquals(config.reward(), again.reward());
    assertEquals(config.deciding(), again.deciding());
    assertEquals("3", config.deciding().get("reward.plugins.style.settings.layers.last"));
    assertFalse(TrainConfig.changeable("reward.plugins.style.settings.model"));
    assertTrue(
        TrainConfig.load("dev").deciding().keySet().stream()
            .noneMatch(key -> key.startsWith("reward.plugins")),
        "a run without plug-ins would be another than before there were any");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "reward.plugins.a.wieght=1 | unknown key reward.plugins.a.wieght (set by the command line); did you mean reward.plugins.a.weight?",
        "reward.plugins.a.weight=-1 | reward.plugins.a.weight is -1.0, must not be negative (set by the command line)",
        "reward.plugins.a.settings=3 | reward.plugins.a.settings = 3: reward.plugins.a.settings is a section, give one of its keys: those that the plug-in has",
        "reward.plugins.a.settings.b=null | reward.plugins.a.settings.b has no value (set by the command line)",
        "reward.plugins.a.settings.b={c=null} | reward.plugins.a.settings.b.c has no value",
        "reward.plugins.A.weight=1 | reward.plugins: \"A\" is no name for a plug-in's reward; take at most 64",
        "reward.plugins.jpeg.weight=1 | reward.plugins.jpeg has the name of another part of the reward",
        "reward.plugin.a.weight=1 | unknown key reward.plugin.a.weight (set by the command line); did you mean reward.plugins.a.weight?",
        "reward.graph=stile | reward.graph names the reward \"stile\"",
      })
  void shouldNameWhatIsWrong(String pair, String begin) {
    String told =
        assertThrows(InvalidConfigException.class, () -> TrainConfig.load("dev", SETTINGS[0], pair))
            .getMessage();
    assertTrue(told.startsWith(begin), told);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "model | reward.plugins.style.settings.model = \"a red one\" must be a number (set by the command line)",
        "other | unknown key reward.plugins.style.settings.layers.last (set by the command line); did you mean",
      })
  void shouldNameWhatThePlugInDoesNotTake(String key, String begin) {
    PluginRewardConfig part = only(TrainConfig.load("dev", SETTINGS));
    String told =
        assertThrows(
                InvalidConfigException.class, () -> part.read(settings -> settings.decimal(key, 1)))
            .getMessage();
    assertTrue(told.startsWith(begin), told);
    String missing =
        assertThrows(
                InvalidConfigException.class,
                () ->
                    part.read(
                        settings -> {
                          settings.require("model", "head");
                          return 0;
                        }))
            .getMessage();
    assertEquals(
        "reward.plugins.style.settings.head is missing, and its reward needs it; set it", missing);
  }
}
