package io.atelier.tests.plugins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.run.file.RunFiles;
import io.atelier.tests.cli.Cli;
import io.atelier.tests.cli.TinyPipeline;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every block of docs/rewards.md: configurations are planned, programs compiled and run. */
@Timeout(180)
class RewardsPageTest {

  private static final String PAGE = "docs/rewards.md";

  @TempDir Path folder;

  private List<String> settings() {
    List<String> settings = new ArrayList<>(TinyPipeline.SHORT);
    settings.add("model.path=" + TinyPipeline.path());
    settings.add("data.through-vae=false");
    settings.add("run.dir=" + folder.resolve("run"));
    settings.add("run.steps=2");
    return settings;
  }

  @Test
  void shouldPlanEveryConfiguration() throws Exception {
    Path root = Path.of(System.getProperty("atelier.root", ".."));
    List<String> blocks =
        Pattern.compile("```hocon\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(root.resolve(PAGE)))
            .results()
            .map((MatchResult block) -> block.group(1))
            .toList();
    assertEquals(6, blocks.size());
    for (String block : blocks) {
      Path config = Files.writeString(folder.resolve("page.conf"), block);
      Cli planned = Cli.run("plan", "--config", config.toString());
      assertEquals(0, planned.code(), block + String.join("\n", planned.err()));
      assertTrue(planned.err().stream().noneMatch(line -> line.contains("change nothing")), block);
    }
  }

  /** What the program of the page prints last: the hash of the policy that it trained. */
  private String trained(String name) throws Exception {
    Path classes = Files.createDirectories(folder.resolve("classes"));
    PluginJar.compile(PluginJar.code(PAGE, "class " + name + " "), "com/example/" + name, classes);
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()});
        PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
      System.setOut(out);
      loader
          .loadClass("com.example." + name)
          .getMethod("main", String[].class)
          .invoke(null, (Object) settings().toArray(String[]::new));
    } finally {
      System.setOut(before);
    }
    String text = printed.toString(StandardCharsets.UTF_8).strip();
    String summary = Files.readString(new RunFiles(folder.resolve("run")).summary());
    String hash = text.substring(text.lastIndexOf('\n') + 1);
    assertTrue(hash.matches("[0-9a-f]{64}") && summary.contains(hash), text + summary);
    return text;
  }

  @Test
  void shouldRewardWhatAppliesToSomePrompts() throws Exception {
    trained("Night");
    String metrics = Files.readString(new RunFiles(folder.resolve("run")).metrics());
    assertTrue(metrics.contains("\"applies/night\""), metrics);
  }

  @Test
  void shouldLearnWithACriticOfOnesOwn() throws Exception {
    String printed = trained("MeanColour");
    // before the first update the weights are 0
    assertTrue(printed.startsWith("margin 0.0\nmargin "), printed);
    Cli.done("verify", folder.resolve("run").toString());
    String second = printed.split("\n")[1];
    assertTrue(Double.parseDouble(second.substring("margin ".length())) > 0, printed);
  }
}
