package io.atelier.tests.plugins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.api.Atelier;
import io.atelier.actors.api.RunHandle;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.identity.Identity;
import io.atelier.actors.report.RunEnd;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.run.folder.RunIdentity;
import io.atelier.tests.api.WarmReward;
import io.atelier.tests.cli.Cli;
import io.atelier.tests.cli.TinyPipeline;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The plug-in of docs/embedding.md in runs of one process. */
@Timeout(120)
class PluginRunTest {

  private static final String PART = "plugin-warm-rewards";

  @TempDir static Path shared;
  private static Path jar;

  @TempDir Path folder;

  @BeforeAll
  static void pack() throws IOException {
    jar = PluginJar.pack(shared.resolve("warm.jar"), source -> source);
  }

  private Path run() {
    return folder.resolve("run");
  }

  private static TrainConfig config(Path run, String... more) {
    List<String> settings =
        new ArrayList<>(List.of("run.dir=" + run, "model.path=" + TinyPipeline.path()));
    settings.addAll(TinyPipeline.SHORT);
    settings.add("run.steps=2");
    settings.addAll(List.of(more));
    return TrainConfig.load("dev", settings.toArray(String[]::new));
  }

  /** What the threads of a program see whose class path has some jars more. */
  private static <T> T with(List<Path> jars, Callable<T> work) throws Exception {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    URL[] urls = new URL[jars.size()];
    for (int i = 0; i < urls.length; i++) {
      urls[i] = jars.get(i).toUri().toURL();
    }
    try (URLClassLoader loader = new URLClassLoader(urls, before)) {
      thread.setContextClassLoader(loader);
      return work.call();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private static RunEnd ended(RunHandle started) {
    try (RunHandle run = started) {
      return run.await();
    }
  }

  private RunEnd train(String... settings) throws Exception {
    List<String> all = new ArrayList<>(List.of("reward.adversarial.weight=0"));
    all.addAll(List.of(settings));
    TrainConfig config = config(run(), all.toArray(String[]::new));
    return with(List.of(jar), () -> ended(Atelier.start(config)));
  }

  @Test
  void shouldTrainAsByTheSameRewardOfAProgram() throws Exception {
    RunEnd program = ended(Atelier.start(config(folder.resolve("program")), WarmReward.reward()));
    RunEnd plugin = train("reward.plugins.warm.weight=1");
    assertEquals(program.policyHash(), plugin.policyHash());
    String metrics = Files.readString(new RunFiles(run()).metrics());
    assertTrue(metrics.contains("\"reward/warm\":"), metrics);
    Identity now = RunIdentity.read(new RunFiles(run())).orElseThrow().now();
    Identity.Part part = now.parts().get(PART);
    assertEquals("1.0 in " + jar, part.source());
    assertTrue(part.files().containsKey("com/example/WarmPlugin.class"), part.files()::toString);
    assertEquals("1", now.configuration().get("reward.plugins.warm.weight"));
    Cli verified = with(List.of(jar), () -> Cli.run("verify", run().toString()));
    assertEquals(0, verified.code(), () -> String.join("\n", verified.out()));
    String gone = String.join("\n", Cli.run("verify", run().toString()).out());
    assertTrue(gone.contains(PART + ": no such plug-in is here; see ATELIER_CLASSPATH"), gone);
  }

  @Test
  void shouldGoOnWithTheSamePlugInOnly() throws Exception {
    train("reward.plugins.warm.weight=1", "run.steps=1");
    InvalidConfigException none =
        assertThrows(InvalidConfigException.class, () -> Atelier.resume(run()));
    assertTrue(
        none.getMessage().startsWith("reward.plugins.warm: no plug-in has a reward warm; there is"),
        none.getMessage());
    Path other =
        PluginJar.pack(
            folder.resolve("other.jar"), source -> source.replace("& 255) - ", "& 255) + "));
    RunFolderException refused =
        assertThrows(
            RunFolderException.class,
            () -> with(List.of(other), () -> Atelier.resume(run(), List.of("run.steps=2"))));
    assertTrue(
        refused
            .getMessage()
            .contains("would not go on as what it is. %s: 1.0 in %s".formatted(PART, other)),
        refused.getMessage());
    assertTrue(
        refused.getMessage().contains("where com/example/WarmPlugin.class differs, was 1.0 in"),
        refused.getMessage());
    Path again = folder.resolve("again.jar");
    PluginJar.zip(jar.resolveSibling("warm.jar.classes"), again, 1_000_000_000_000L);
    assertFalse(Files.mismatch(jar, again) < 0, "the jars should not be the same");
    RunEnd end = with(List.of(again), () -> ended(Atelier.resume(run(), List.of("run.steps=2"))));
    assertEquals(2, end.steps());
  }

  @Test
  void shouldGiveAPlugInItsSettings() throws Exception {
    train("reward.plugins.bright.settings.goal=0.25", "run.steps=1");
    String metrics = Files.readString(new RunFiles(run()).metrics());
    assertTrue(metrics.contains("\"reward/bright\":-"), metrics);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "reward.plugins.brigt.weight=1 | reward.plugins.brigt: no plug-in has a reward brigt; did you mean reward.plugins.bright? There are bright, warm.",
        "reward.plugins.bright.settings.gaol=1 | unknown key reward.plugins.bright.settings.gaol (set by the command line); did you mean reward.plugins.bright.settings.goal?",
        "reward.plugins.bright.settings.goal=high | reward.plugins.bright.settings.goal = \"high\" must be a number (set by the command line)",
        "reward.plugins.bright.settings.goal=2 | reward.plugins.bright.settings: goal is 2.0, must be 0 to 1",
        "reward.plugins.warm.settings.goal=1 | unknown key reward.plugins.warm.settings.goal (set by the command line); this reward has no settings",
      })
  void shouldNameWhatIsWrong(String setting, String message) throws Exception {
    InvalidConfigException wrong = assertThrows(InvalidConfigException.class, () -> train(setting));
    assertTrue(wrong.getMessage().startsWith(message), wrong.getMessage());
    assertFalse(Files.exists(run()), "nothing is to be written");
  }

  /** The ten lines of README.md are the plug-in's. */
  @Test
  void shouldShowTheRewardOfTheReadmeUnchanged() throws IOException {
    String readme = PluginJar.code("README.md", "static RewardSum warm()");
    String reward = readme.substring(0, readme.indexOf("public static void main")).strip();
    String plugin = PluginJar.code("docs/embedding.md", "class WarmPlugin");
    assertTrue(plugin.replaceAll("(?m)^ {2}", "").contains(reward), plugin);
  }
}
