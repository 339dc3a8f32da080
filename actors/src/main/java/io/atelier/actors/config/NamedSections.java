package io.atelier.actors.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The sections that have names of the configuration's own, {@code reward.critics.NAME} and {@code
 * reward.http.NAME}. Each has the keys of a template, a section of the reference, and what it
 * leaves out is as it is there.
 */
final class NamedSections {

  /** Stands for every name in a template that is none of the run's own sections. */
  private static final String ANY = "NAME";

  private static final Pattern NAMES = Pattern.compile("[a-z][a-z0-9-]*");

  /**
   * Sections of one parent.
   *
   * @param parent where they are
   * @param what one of them is, for messages
   * @param template section that has their keys
   * @param inner the same for sections within them, by their names
   */
  private record Kind(
      List<String> parent, String what, String template, Map<String, String> inner) {

    Kind(String parent, String what, String template, Map<String, String> inner) {
      this(ConfigUtil.splitPath(parent), what, template, inner);
    }

    boolean has(List<String> key) {
      return key.size() > parent.size() && key.subList(0, parent.size()).equals(parent);
    }

    /** Path of the named section that a key is of. */
    private String section(List<String> key) {
      return ConfigUtil.joinPath(key.subList(0, parent.size() + 1));
    }

    List<String> model(List<String> key) {
      List<String> inside = key.subList(parent.size() + 1, key.size());
      Optional<String> within = inside.stream().findFirst().map(inner::get);
      List<String> model = new ArrayList<>(ConfigUtil.splitPath(within.orElse(template)));
      model.addAll(within.isPresent() ? inside.subList(1, inside.size()) : inside);
      return model;
    }

    String named(String model, List<String> like) {
      for (Map.Entry<String, String> each : inner.entrySet()) {
        if (model.startsWith(each.getValue() + ".")) {
          String key = model.substring(each.getValue().length());
          return section(like) + "." + each.getKey() + key;
        }
      }
      return model.startsWith(template + ".")
          ? section(like) + model.substring(template.length())
          : model;
    }

    void check(List<String> key, ConfigValue value) {
      if (key.size() == parent.size() + 1 && !NAMES.matcher(key.get(parent.size())).matches()) {
        throw new InvalidConfigException(
            "%s: \"%s\" is no name for %s; take lower-case letters, digits and dashes, such as style (%s)"
                .formatted(
                    ConfigUtil.joinPath(parent),
                    key.get(parent.size()),
                    what,
                    Section.origin(Layers.leaf(value))));
      }
    }

    /** Whether the template is there for nothing else. */
    private boolean isApart() {
      return template.equals(ConfigUtil.joinPath(parent) + "." + ANY);
    }

    Config complete(Config tree) {
      Config whole = isApart() ? tree.withoutPath(template) : tree;
      String path = ConfigUtil.joinPath(parent);
      Config inherited = isApart() ? Layers.referenceTree().getConfig(template) : inherited(tree);
      for (String name : whole.getConfig(path).root().keySet()) {
        String section = path + "." + name;
        whole = whole.withValue(section, whole.getConfig(section).withFallback(inherited).root());
      }
      return whole;
    }

    private Config inherited(Config tree) {
      Config all = marked(tree, template).toConfig();
      for (Map.Entry<String, String> each : inner.entrySet()) {
        all = all.withValue(each.getKey(), marked(tree, each.getValue()));
      }
      return all;
    }

    boolean marks(String origin) {
      return !isApart() && (origin.equals(template) || inner.containsValue(origin));
    }
  }

  private static final List<Kind> KINDS =
      List.of(
          new Kind("reward.critics", "a critic", "reward.adversarial", Map.of("critic", "critic")),
          new Kind("reward.http", "a reward", "reward.http." + ANY, Map.of()));

  private NamedSections() {}

  private static Optional<Kind> kind(List<String> key) {
    return KINDS.stream().filter(kind -> kind.has(key)).findFirst();
  }

  /** The key of the reference that says what a key is: itself unless it is of a named section. */
  static List<String> model(List<String> key) {
    return kind(key).map(kind -> kind.model(key)).orElse(key);
  }

  /** The same of a key that is written as a path. */
  static String model(String key) {
    return ConfigUtil.joinPath(model(ConfigUtil.splitPath(key)));
  }

  /**
   * A key of the reference as one of the named section that another key is of.
   *
   * @param like the other key
   */
  static String named(String model, List<String> like) {
    return kind(like).map(kind -> kind.named(model, like)).orElse(model);
  }

  /** Refuses a key that is a name, and may be none. */
  static void check(List<String> key, ConfigValue value) {
    kind(key).ifPresent(kind -> kind.check(key, value));
  }

  /** The tree in which every named section has all keys, and templates are not. */
  static Config complete(Config tree) {
    Config complete = tree;
    for (Kind kind : KINDS) {
      complete = kind.complete(complete);
    }
    return complete;
  }

  /** Says of every value where it comes from, without its comment, which stands there. */
  private static ConfigObject marked(Config tree, String section) {
    ConfigObject marked = tree.getConfig(section).root();
    for (Map.Entry<String, ConfigValue> entry : List.copyOf(marked.entrySet())) {
      marked =
          marked.withValue(
              entry.getKey(), entry.getValue().withOrigin(ConfigOriginFactory.newSimple(section)));
    }
    return marked;
  }

  /** Whether a value is one that {@link #complete} took from a section that is there as well. */
  static boolean isInherited(ConfigValue value) {
    String origin = value.origin().description();
    return KINDS.stream().anyMatch(kind -> kind.marks(origin));
  }
}
