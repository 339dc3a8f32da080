package io.atelier.actors.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import io.atelier.reward.adversarial.AdversarialReward;
import io.atelier.reward.adversarial.TaughtReward;
import io.atelier.reward.ocr.OcrReward;
import io.atelier.reward.sum.RewardSum;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The sections {@code reward.critics.NAME}: with {@link GraphSection} the one place where a
 * configuration has names of its own. Each has the keys of {@code reward.adversarial}, and those of
 * {@code critic} in a section {@code critic}, and what it leaves out is as it is there.
 */
final class NamedCritics {

  private static final List<String> PARENT = List.of("reward", "critics");
  private static final String CRITIC = "critic";
  private static final String ADVERSARIAL = "reward.adversarial";

  private static final Set<String> OTHERS =
      Set.of(AdversarialReward.NAME, RewardConfig.JPEG, OcrReward.NAME);

  private NamedCritics() {}

  /** The key of the reference that says what a key is: itself unless it is of a named critic. */
  static List<String> model(List<String> key) {
    int named = PARENT.size() + 1;
    if (key.size() < named || !key.subList(0, PARENT.size()).equals(PARENT)) {
      return key;
    }
    List<String> inside = key.subList(named, key.size());
    List<String> model = new ArrayList<>();
    if (inside.isEmpty() || !inside.get(0).equals(CRITIC)) {
      model.addAll(ConfigUtil.splitPath(ADVERSARIAL));
    }
    model.addAll(inside);
    return model;
  }

  /** The same of a key that is written as a path. */
  static String model(String key) {
    return ConfigUtil.joinPath(model(ConfigUtil.splitPath(key)));
  }

  /** Whether a key of the reference is one that every critic has. */
  static boolean isModel(String key) {
    return key.startsWith(ADVERSARIAL + ".") || key.startsWith(CRITIC + ".");
  }

  /**
   * A key of the reference as one of the critic that another key is of.
   *
   * @param like the other key
   */
  static String named(String model, List<String> like) {
    if (model(like).equals(like)) {
      return model;
    }
    String section = ConfigUtil.joinPath(like.subList(0, PARENT.size() + 1));
    return model.startsWith(ADVERSARIAL + ".")
        ? section + model.substring(ADVERSARIAL.length())
        : section + "." + model;
  }

  /** A key that is a name, and may be none, or that of something else. */
  static void check(List<String> key, ConfigValue value) {
    if (key.size() != PARENT.size() + 1 || !key.subList(0, PARENT.size()).equals(PARENT)) {
      return;
    }
    String name = key.get(PARENT.size());
    String origin = Section.origin(Layers.leaf(value));
    if (!TaughtReward.isName(name)) {
      throw new InvalidConfigException(
          "reward.critics: \"%s\" is no name for a critic; take %s (%s)"
              .formatted(name, TaughtReward.NAME_RULE, origin));
    }
    boolean isKind =
        Arrays.stream(FrozenReward.Kind.values()).anyMatch(kind -> kind.key().equals(name));
    if (isKind || OTHERS.contains(name) || RewardSum.REPORTED.contains(name)) {
      throw new InvalidConfigException(
          "reward.critics.%s has the name of another part of the reward, or of their sum; give it another (%s)"
              .formatted(name, origin));
    }
  }

  /**
   * Keys of a section, for a message.
   *
   * @param model what the reference has there
   */
  static Collection<String> keys(List<String> section, Config model) {
    if (section.equals(PARENT)) {
      return List.of("NAME.weight and others, NAME being that of a critic");
    }
    Set<String> keys = new TreeSet<>(model.root().keySet());
    if (section.size() == PARENT.size() + 1 && !model(section).equals(section)) {
      keys.add(CRITIC);
    }
    return keys;
  }

  /** A key that was meant to be one of a named critic, as it would be. */
  static Optional<List<String>> meant(List<String> key) {
    int begin = key.get(0).equals("critics") ? 1 : 2;
    boolean near =
        begin == 1 || key.size() > 2 && key.subList(0, 2).equals(List.of("reward", CRITIC));
    if (!near || key.size() < begin + 2) {
      return Optional.empty();
    }
    List<String> meant = new ArrayList<>(PARENT);
    meant.addAll(key.subList(begin, key.size()));
    return Optional.of(meant);
  }

  /** The tree in which every named critic has all keys. */
  static Config complete(Config tree) {
    Config complete = tree;
    String parent = ConfigUtil.joinPath(PARENT);
    for (String name : tree.getConfig(parent).root().keySet()) {
      String section = parent + "." + name;
      Config inherited =
          inherited(tree, ADVERSARIAL).withValue(CRITIC, inherited(tree, CRITIC).root());
      complete =
          complete.withValue(section, own(tree.getConfig(section)).withFallback(inherited).root());
    }
    return complete;
  }

  /** What a critic has of its own, without what was filled in before. */
  private static Config own(Config section) {
    Config own = section;
    for (Map.Entry<String, ConfigValue> entry : section.entrySet()) {
      if (isInherited(entry.getValue())) {
        own = own.withoutPath(entry.getKey());
      }
    }
    return own;
  }

  private static Config inherited(Config tree, String section) {
    return marked(tree.getConfig(section).root(), section).toConfig();
  }

  /** Says of every value where it comes from, without its comment, which stands there. */
  private static ConfigObject marked(ConfigObject values, String section) {
    ConfigObject marked = values;
    for (Map.Entry<String, ConfigValue> entry : values.entrySet()) {
      marked =
          marked.withValue(
              entry.getKey(), entry.getValue().withOrigin(ConfigOriginFactory.newSimple(section)));
    }
    return marked;
  }

  /** Whether a value is one that {@link #complete} filled in. */
  static boolean isInherited(ConfigValue value) {
    String origin = value.origin().description();
    return origin.equals(ADVERSARIAL) || origin.equals(CRITIC);
  }
}
