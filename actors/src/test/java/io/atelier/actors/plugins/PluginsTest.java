package io.atelier.actors.plugins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.config.section.PluginSettings;
import io.atelier.actors.identity.Identity;
import io.atelier.reward.sum.RewardSum;
import io.atelier.reward.sum.Rewards;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginsTest {

  private record Fake(
      String name, String version, Map<String, Function<PluginSettings, RewardSum>> rewards)
      implements AtelierPlugin {}

  @TempDir Path folder;

  private static RewardSum zero(String name) {
    return Rewards.of(name, (images, prompt) -> new float[images.count()]);
  }

  private static Fake fake(String name, String reward, RewardSum made) {
    return new Fake(name, "1", Map.of(reward, settings -> made));
  }

  private static String refusal(AtelierPlugin... plugins) {
    return assertThrows(
            InvalidConfigException.class,
            () ->
                Plugins.of(List.of(plugins))
                    .reward(
                        TrainConfig.load("dev", "reward.plugins.style.weight=1")
                            .reward()
                            .plugins()
                            .get(0)))
        .getMessage();
  }

  @Test
  void shouldRefusePlugInsThatCannotBeToldApart() {
    AtelierPlugin first = fake("first", "style", zero("style"));
    AtelierPlugin second = fake("second", "style", zero("style"));
    assertTrue(refusal(first, first).startsWith("two plug-ins are called first: first ("));
    String both = refusal(first, second);
    assertTrue(both.startsWith("two plug-ins have a reward style: first ("), both);
    assertTrue(both.contains(") and second (" + Fake.class.getName() + " in "), both);
    String wrong = refusal(fake("My Plugin", "style", zero("style")));
    assertTrue(wrong.contains(" is called \"My Plugin\"; take at most 64"), wrong);
  }

  @Test
  void shouldRefuseWhatIsNotTheRewardOfThatName() {
    assertEquals(
        "reward.plugins.style: plug-in a makes a sum of [other]; it must be the one reward style,"
            + " with no graph and no critic",
        refusal(fake("a", "style", zero("other"))));
    assertTrue(refusal(fake("a", "style", null)).contains("plug-in a makes nothing"));
    String two = refusal(fake("a", "style", zero("style").plus(zero("other"))));
    assertTrue(two.contains("a sum of [style, other]"), two);
  }

  /** The version counts, and so does every file beside the class. */
  @Test
  void shouldTellAPlugInByItsVersionAndFiles() {
    Plugins one = Plugins.of(List.of(fake("a", "style", zero("style"))));
    Plugins newer =
        Plugins.of(List.of(new Fake("a", "2", Map.of("style", settings -> zero("style")))));
    TrainConfig config = TrainConfig.load("dev", "reward.plugins.style.weight=1");
    Identity.Part then = one.parts(config.reward()).get("plugin-a");
    Identity.Part now = newer.parts(config.reward()).get("plugin-a");
    assertEquals(then, one.part("plugin-a").orElseThrow());
    assertTrue(then.files().containsKey("io/atelier/actors/plugins/PluginsTest$Fake.class"));
    assertEquals(then.files().keySet(), now.files().keySet());
    assertTrue(!then.digest().equals(now.digest()));
    TrainConfig unused = config.with("reward.plugins.style.weight=0");
    assertEquals(Map.of(), one.parts(unused.reward()), "no reward of it is scored");
  }

  @Test
  void shouldSayWhichPlugInCannotBeLoaded() throws IOException {
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(services.resolve(AtelierPlugin.class.getName()), "com.example.Gone\n");
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
      thread.setContextClassLoader(loader);
      String told = assertThrows(InvalidConfigException.class, Plugins::found).getMessage();
      assertTrue(told.contains("com.example.Gone"), told);
      assertTrue(told.contains("ATELIER_CLASSPATH"), told);
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
