package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.atelier.actors.api.assembly.Assembly;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.folder.RunIdentity;
import io.atelier.models.assets.EmbeddedModel;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.models.sd3.PipelineFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** Images are of the model's own size where no other is asked for: 16 latents of 8 pixels here. */
@Timeout(120)
class ModelSizeTest {

  private static final String MODEL = "model.path=" + TinyPipeline.path();

  @TempDir Path folder;

  @Test
  void shouldRecordTheSizeOfTheModelAsANumber() throws IOException {
    TrainConfig config = TrainConfig.load("dev", MODEL);
    assertEquals(128, config.rollout().height());
    assertEquals(128, config.rollout().width());
    assertEquals("128", config.deciding().get("rollout.height"));
    Path file = Files.writeString(folder.resolve("run.conf"), config.render());
    TrainConfig elsewhere = TrainConfig.read(file, List.of("model.path=/elsewhere"));
    assertEquals(config.rollout(), elsewhere.rollout());
  }

  @Test
  void shouldKnowTheSizeOfTheEmbeddedModelWithoutItsFiles() {
    assertEquals(EmbeddedModel.PIXELS, new PipelineFolder(EmbeddedModel.emoji64()).sampleSize());
    TrainConfig left = TrainConfig.load("dev");
    TrainConfig given = TrainConfig.load("dev", "rollout.height=64", "rollout.width=64");
    assertEquals(given.rollout(), left.rollout());
    assertEquals(given.deciding(), left.deciding());
  }

  @Test
  void shouldTakeTheSizeThatIsAskedFor() throws IOException {
    Path file = Files.writeString(folder.resolve("my.conf"), "rollout { height = 32, width = 96 }");
    TrainConfig config =
        TrainConfig.load("dev", List.of(file), List.of(MODEL, "rollout.height=auto"));
    assertEquals(128, config.rollout().height());
    assertEquals(96, config.rollout().width());
    TrainConfig square = TrainConfig.load("dev", "model.path=/gone", "rollout.height=32");
    assertEquals(32, square.rollout().height());
    assertEquals(32, square.rollout().width(), "as sample and references have it");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rollout.height=big | rollout.height = \"big\" must be a whole number, or auto (set"
            + " by the command line)",
        "rollout.width=1.5 | rollout.width = 1.5 must be a whole number (set by the command line)",
        "model.path=/nowhere | model /nowhere does not exist; name a diffusers pipeline folder or"
            + " emoji64",
        "model.path= | model.path is empty, must name a model or a folder (set by the command line)",
      })
  void shouldSayWhatIsNoSize(String setting, String message) {
    InvalidConfigException e =
        assertThrows(InvalidConfigException.class, () -> TrainConfig.load("dev", setting));
    assertEquals(message, e.getMessage());
  }

  @Test
  void shouldTrainMeasureAndGoOnAtTheSizeOfTheModel() throws IOException {
    OwnData data = OwnData.write(folder.resolve("data"), EmojiStyle.FLAT);
    Path run = folder.resolve("run");
    List<String> command = new ArrayList<>(List.of("train", "run.dir=" + run));
    command.addAll(data.settings());
    command.removeIf(setting -> setting.matches("rollout\\.(height|width)=.*"));
    command.addAll(
        List.of(
            "run.steps=1",
            "evaluation.every=1",
            "evaluation.prompts=2",
            "evaluation.shown=1",
            "evaluation.steps=2"));
    Cli trained = Cli.run(command);
    assertEquals(0, trained.code(), trained.err().toString());
    RunIdentity identity = RunIdentity.read(new RunFiles(run)).orElseThrow();
    assertEquals("128", identity.now().configuration().get("rollout.width"));
    Cli resumed = Cli.run("train", "--resume", run.toString(), "run.steps=2");
    assertEquals(0, resumed.code(), resumed.err().toString());
  }

  @ParameterizedTest
  @CsvSource({"reward.adversarial, 128, 0", "reward.adversarial, 160, 1", "evaluation, 160, 1"})
  void shouldWarnOfImagesThatAnEncoderSeesMuchEnlarged(String section, int pixels, int warnings) {
    Logger log = (Logger) LoggerFactory.getLogger(Assembly.class);
    ListAppender<ILoggingEvent> logged = new ListAppender<>();
    logged.start();
    log.addAppender(logged);
    try {
      List<String> command = new ArrayList<>(List.of("plan", MODEL));
      command.addAll(TinyPipeline.SHORT);
      command.addAll(List.of("evaluation.every=1", section + ".encoder-pixels=" + pixels));
      Cli plan = Cli.run(command);
      assertEquals(0, plan.code(), plan.err().toString());
      assertEquals(warnings, logged.list.size(), logged.list.toString());
      String start = "%s.encoder-pixels is %d, but images are 64 x 64".formatted(section, pixels);
      logged.list.forEach(e -> assertTrue(e.getFormattedMessage().startsWith(start), "" + e));
    } finally {
      log.detachAppender(logged);
    }
  }

  /** The style's images are of the embedded model's size. */
  @Test
  void shouldMeasureAtTheSizeOfTheModelThatIsMeasured() {
    Cli result = Cli.run("eval", "--model", TinyPipeline.path().toString(), "data.references=noto");
    assertEquals(2, result.code());
    assertTrue(result.err().get(0).contains("is 128 x 128"), result.err().get(0));
  }
}
