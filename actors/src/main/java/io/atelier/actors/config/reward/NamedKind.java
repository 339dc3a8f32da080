package io.atelier.actors.config.reward;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.config.section.Reference;
import io.atelier.actors.config.section.Values;
import io.atelier.reward.adversarial.TaughtReward;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The sections of one parent in {@link NamedSections}, which documents the methods.
 *
 * @param parent where they are
 * @param what noun for one of them, for messages
 * @param template section that has their keys
 * @param inner templates of the sections within them, by their names
 */
record NamedKind(List<String> parent, String what, String template, Map<String, String> inner) {

  /** Stands for every name in a template that is not itself a section of a run. */
  static final String ANY = "NAME";

  NamedKind(String parent, String what, String template, Map<String, String> inner) {
    this(ConfigUtil.splitPath(parent), what, template, inner);
  }

  private String path() {
    return ConfigUtil.joinPath(parent);
  }

  boolean has(List<String> key) {
    return key.size() > parent.size() && key.subList(0, parent.size()).equals(parent);
  }

  /** Returns the path of the named section that a key is in. */
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

  boolean isModel(String key) {
    return key.startsWith(template + ".")
        || inner.values().stream().anyMatch(section -> key.startsWith(section + "."));
  }

  void check(List<String> key, ConfigValue value) {
    if (key.size() == parent.size() + 1 && !TaughtReward.isName(key.get(parent.size()))) {
      throw new InvalidConfigException(
          "%s: \"%s\" is no name for %s; take %s (%s)"
              .formatted(
                  path(),
                  key.get(parent.size()),
                  what,
                  TaughtReward.NAME_RULE,
                  Values.origin(Values.leaf(value))));
    }
  }

  /** Corrects a key that lacks the beginning of the parent's path, or the s at its end. */
  Optional<List<String>> meant(List<String> key) {
    String last = parent.get(parent.size() - 1);
    boolean alone = key.get(0).equals(last);
    boolean single =
        key.size() > 2 && key.get(0).equals(parent.get(0)) && last.equals(key.get(1) + "s");
    int begin = alone ? 1 : parent.size();
    if (!alone && !single || key.size() < begin + 2) {
      return Optional.empty();
    }
    List<String> meant = new ArrayList<>(parent);
    meant.addAll(key.subList(begin, key.size()));
    return Optional.of(meant);
  }

  /** Whether the template is nothing but a template. */
  private boolean isApart() {
    return template.equals(path() + "." + ANY);
  }

  Config complete(Config tree, Set<String> taken) {
    Config whole = isApart() ? tree.withoutPath(template) : tree;
    Config inherited = isApart() ? Reference.tree().getConfig(template) : inherited(tree);
    for (String name : new TreeSet<>(whole.getConfig(path()).root().keySet())) {
      String section = path() + "." + name;
      Config own = own(whole.getConfig(section));
      if (!taken.add(name)) {
        throw new InvalidConfigException(
            "%s has the name of another part of the reward, or of their sum; give it another (%s)"
                .formatted(section, Values.origin(Values.leaf(own.root()))));
      }
      whole = whole.withValue(section, own.withFallback(inherited).root());
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

  /** Whether {@link #complete} took a value from the template that the run itself uses. */
  boolean marks(ConfigValue value) {
    String origin = value.origin().description();
    return !isApart() && (origin.equals(template) || inner.containsValue(origin));
  }

  /** Returns what a section sets itself, without what was filled in before. */
  private Config own(Config section) {
    Config own = section;
    for (Map.Entry<String, ConfigValue> entry : section.entrySet()) {
      if (marks(entry.getValue())) {
        own = own.withoutPath(entry.getKey());
      }
    }
    return own;
  }

  /** Sets the section as the origin of its values, and drops comments, which are there. */
  private static ConfigObject marked(Config tree, String section) {
    ConfigObject marked = tree.getConfig(section).root();
    for (Map.Entry<String, ConfigValue> entry : List.copyOf(marked.entrySet())) {
      marked =
          marked.withValue(
              entry.getKey(), entry.getValue().withOrigin(ConfigOriginFactory.newSimple(section)));
    }
    return marked;
  }
}
