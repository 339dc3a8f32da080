package io.atelier.tests.plugins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.api.Atelier;
import io.atelier.actors.api.RunHandle;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.tests.api.WarmReward;
import io.atelier.tests.cli.TinyPipeline;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every program of docs/embedding.md, compiled and run as it is there. */
@Timeout(180)
class EmbeddingPageTest {

  private static final String PAGE = "docs/embedding.md";

  @TempDir static Path shared;
  private static Path classes;

  @TempDir Path folder;

  @BeforeAll
  static void compile() throws IOException {
    classes = Files.createDirectory(shared.resolve("classes"));
    for (String name : List.of("WarmPlugin", "Follow", "Studio", "Member")) {
      PluginJar.compile(
          PluginJar.code(PAGE, "class " + name + " "), "com/example/" + name, classes);
    }
  }

  private List<String> settings(String... more) {
    List<String> settings =
        new ArrayList<>(
            List.of("run.dir=" + folder.resolve("run"), "model.path=" + TinyPipeline.path()));
    settings.addAll(TinyPipeline.SHORT);
    settings.add("data.through-vae=false");
    settings.addAll(List.of(more));
    return settings;
  }

  /** What a program of the page prints. */
  private static String run(String name, List<String> overrides) throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()});
        PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
      System.setOut(out);
      loader
          .loadClass("com.example." + name)
          .getMethod("main", String[].class)
          .invoke(null, (Object) overrides.toArray(String[]::new));
    } finally {
      System.setOut(before);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }

  private static String found(String pattern, String text) {
    Matcher match = Pattern.compile(pattern).matcher(text);
    assertTrue(match.find(), text);
    return match.group(1);
  }

  private String summary() throws IOException {
    return Files.readString(new RunFiles(folder.resolve("run")).summary());
  }

  @Test
  void shouldFollowARun() throws Exception {
    String printed = run("Follow", settings("run.steps=4"));
    found("(?m)^([2-4]) steps$", printed);
    String hash = found("(?m)^([0-9a-f]{16,})$", printed);
    assertEquals(hash, found("\"policyHash\"\\s*:\\s*\"(\\w+)\"", summary()));
  }

  @Test
  void shouldRunInAnActorSystemThatExists() throws Exception {
    String printed =
        run(
            "Studio",
            settings(
                "run.steps=50", "reward.adversarial.weight=0", "reward.plugins.warm.weight=1"));
    int counted = Integer.parseInt(found("counted (\\d+), policy", printed));
    assertTrue(counted >= 3 && counted <= 5, printed);
    String hash = found("policy (\\w+)", printed);
    TrainConfig same =
        TrainConfig.load(
            "dev",
            settings("run.dir=" + folder.resolve("program"), "run.steps=" + counted)
                .toArray(String[]::new));
    try (RunHandle program = Atelier.start(same, WarmReward.reward())) {
      assertEquals(program.await().policyHash(), hash);
    }
    String identity = Files.readString(new RunFiles(folder.resolve("run")).identity());
    assertTrue(identity.contains("plugin-warm-rewards"), identity);
  }

  @Test
  void shouldTakePartWithAMemberOfAnAkkaCluster() throws Exception {
    assertTrue(run("Member", settings("run.steps=2")).contains("the run is over"));
    String state = Files.readString(new RunFiles(folder.resolve("run")).state());
    assertTrue(state.contains("\"finished\""), "the files are not closed: " + state);
    assertTrue(summary().contains("policyHash"), summary());
  }
}
