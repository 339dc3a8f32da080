package io.atelier.actors.config.reward;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.reward.adversarial.AdversarialReward;
import io.atelier.reward.artifact.ArtifactReward;
import io.atelier.reward.ocr.OcrReward;
import io.atelier.reward.sum.RewardSum;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The sections {@code reward.critics.NAME}, {@code reward.http.NAME}, {@code reward.judge.NAME} and
 * {@code reward.plugins.NAME}: with {@link GraphSection} the only sections in which a user chooses
 * names. Each has the keys of a template, a section of the reference, and takes from it what it
 * leaves out.
 */
public final class NamedSections {

  private static final String PLUGINS = "reward.plugins";

  private static final List<NamedKind> KINDS =
      List.of(
          new NamedKind(
              "reward.critics", "a critic", "reward.adversarial", Map.of("critic", "critic")),
          new NamedKind("reward.http", "a reward", "reward.http." + NamedKind.ANY, Map.of()),
          new NamedKind("reward.judge", "a judge", "reward.judge." + NamedKind.ANY, Map.of()),
          new NamedKind(PLUGINS, "a plug-in's reward", PLUGINS + "." + NamedKind.ANY, Map.of()));

  private NamedSections() {}

  /**
   * Returns the names under which a reward reports values other than the parts in these sections.
   */
  private static Set<String> taken() {
    Set<String> taken = new TreeSet<>(RewardSum.REPORTED);
    taken.addAll(
        List.of(AdversarialReward.NAME, RewardConfig.JPEG, OcrReward.NAME, ArtifactReward.NAME));
    Arrays.stream(FrozenReward.Kind.values()).forEach(kind -> taken.add(kind.key()));
    Arrays.stream(PlainReward.Kind.values()).forEach(kind -> taken.add(kind.key()));
    return taken;
  }

  private static Optional<NamedKind> kind(List<String> key) {
    return KINDS.stream().filter(kind -> kind.has(key)).findFirst();
  }

  /**
   * Returns the key of the reference that defines a key: itself unless it is in a named section.
   */
  public static List<String> model(List<String> key) {
    return kind(key).map(kind -> kind.model(key)).orElse(key);
  }

  /** Whether a key is in the settings of a plug-in, which alone knows its keys. */
  public static boolean isFree(List<String> key) {
    List<String> parent = ConfigUtil.splitPath(PLUGINS);
    int settings = parent.size() + 1;
    return key.size() > settings + 1
        && key.subList(0, parent.size()).equals(parent)
        && key.get(settings).equals(PluginRewardConfig.SETTINGS);
  }

  /** As {@link #model(List)}, of a key that is written as a path. */
  public static String model(String key) {
    return ConfigUtil.joinPath(model(ConfigUtil.splitPath(key)));
  }

  /**
   * Returns a key of the reference as it is in the named section of another key.
   *
   * @param like the other key
   */
  public static String named(String model, List<String> like) {
    return kind(like).map(kind -> kind.named(model, like)).orElse(model);
  }

  /**
   * Whether a key of the reference may be what another key was meant to be.
   *
   * @param like the other key; one in a named section can only mean keys of its template
   */
  public static boolean isModel(String key, List<String> like) {
    return kind(like).map(kind -> kind.isModel(key)).orElse(true);
  }

  /** Corrects a key that was meant to be in a named section; empty if it was not. */
  public static Optional<List<String>> meant(List<String> key) {
    return KINDS.stream().flatMap(kind -> kind.meant(key).stream()).findFirst();
  }

  /**
   * Returns the keys of a section, for a message.
   *
   * @param model what the reference has there
   */
  public static Collection<String> keys(List<String> section, Config model) {
    for (NamedKind kind : KINDS) {
      if (section.equals(kind.parent())) {
        return List.of("NAME.weight and others, NAME being that of " + kind.what());
      }
    }
    if (model.isEmpty()) {
      return List.of("those that the plug-in has");
    }
    Set<String> keys = new TreeSet<>(model.root().keySet());
    kind(section)
        .filter(kind -> section.size() == kind.parent().size() + 1)
        .ifPresent(kind -> keys.addAll(kind.inner().keySet()));
    return keys;
  }

  /** Refuses a key whose last part is an invalid name. */
  public static void check(List<String> key, ConfigValue value) {
    kind(key).ifPresent(kind -> kind.check(key, value));
  }

  /**
   * Returns the tree with all keys in every named section, and without mere templates.
   *
   * @throws InvalidConfigException that names the section, if another part has its name
   */
  public static Config complete(Config tree) {
    Config complete = tree;
    Set<String> taken = taken();
    for (NamedKind kind : KINDS) {
      complete = kind.complete(complete, taken);
    }
    return complete;
  }

  /** Whether {@link #complete} took a value from another section of the tree. */
  public static boolean isInherited(ConfigValue value) {
    return KINDS.stream().anyMatch(kind -> kind.marks(value));
  }
}
