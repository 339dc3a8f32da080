package io.atelier.actors.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The sections {@code reward.critics.NAME}: with {@link GraphSection} the one place where a
 * configuration has names of its own. Each has the keys of {@code reward.adversarial}, and those of
 * {@code critic} in a section {@code critic}, and what it leaves out is as it is there.
 */
final class NamedCritics {

  private static final List<String> PARENT = List.of("reward", "critics");
  private static final String CRITIC = "critic";
  private static final String ADVERSARIAL = "reward.adversarial";

  private static final Pattern NAMES = Pattern.compile("[a-z][a-z0-9-]*");

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

  /** A key that is a name, and may be none. */
  static void check(List<String> key, ConfigValue value) {
    if (key.size() == PARENT.size() + 1
        && key.subList(0, PARENT.size()).equals(PARENT)
        && !NAMES.matcher(key.get(PARENT.size())).matches()) {
      throw new InvalidConfigException(
          "reward.critics: \"%s\" is no name for a critic; take lower-case letters, digits and dashes, such as style (%s)"
              .formatted(key.get(PARENT.size()), Section.origin(Layers.leaf(value))));
    }
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
          complete.withValue(section, tree.getConfig(section).withFallback(inherited).root());
    }
    return complete;
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
