package io.atelier.actors.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import io.atelier.actors.config.reward.GraphSection;
import io.atelier.actors.config.reward.NamedSections;
import io.atelier.actors.config.section.Includes;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.config.section.Reference;
import io.atelier.actors.config.section.Values;
import io.atelier.models.files.NearestName;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Builds a configuration tree from layers, each of which overrides the ones before: reference,
 * preset, file, command line. Only keys of the reference may appear.
 */
final class Layers {

  /** Renamed keys of earlier versions, for which the nearest name would mislead. */
  private static final Map<String, String> RENAMED =
      Map.of(
          "learner.micro-batch", "rollout.chunk",
          "critic.pair-loss", "critic.loss, which a discriminator reads too and had as hinge,");

  private static final String PRESETS = "/io/atelier/presets/";

  private Config tree;

  /** Keys that the preset leaves to the user, as an empty text. */
  private final Set<String> open = new TreeSet<>();

  private Layers(Config reference) {
    this.tree = reference;
  }

  /** Layers on top of a tree that is complete already. */
  static Layers over(Config tree) {
    return new Layers(tree);
  }

  static Layers reference() {
    return new Layers(Reference.tree());
  }

  /** Returns a description of each preset by its name, from the list beside them. */
  static Map<String, String> presets() {
    try (InputStream in = Layers.class.getResourceAsStream(PRESETS + "presets.txt")) {
      Map<String, String> presets = new LinkedHashMap<>();
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split(": ", 2))
          .forEach(line -> presets.put(line[0], line[1]));
      return presets;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Layers preset(String name) {
    Set<String> presets = presets().keySet();
    if (!presets.contains(name)) {
      throw new InvalidConfigException(
          "there is no preset \"%s\"; did you mean %s? Presets: %s"
              .formatted(
                  name, NearestName.to(name, presets).orElseThrow(), String.join(", ", presets)));
    }
    Config layer = Reference.read(PRESETS + name + ".conf", "preset " + name);
    layer.entrySet().stream()
        .filter(entry -> entry.getValue().unwrapped().equals(""))
        .forEach(entry -> open.add(entry.getKey()));
    return add(layer);
  }

  /** Returns the tree; fails if a key that the preset leaves open has not been given. */
  Config complete(String preset) {
    Config complete = tree();
    List<String> missing =
        open.stream().filter(key -> complete.getValue(key).unwrapped().equals("")).toList();
    if (!missing.isEmpty()) {
      throw new InvalidConfigException(
          "preset %s needs %s; give each as key=value, or in a file by --config"
              .formatted(preset, String.join(", ", missing)));
    }
    return complete;
  }

  Layers file(Path file) {
    try {
      return add(Includes.parse(file).resolve());
    } catch (ConfigException e) {
      throw new InvalidConfigException(e.getMessage().lines().findFirst().orElse("" + file), e);
    }
  }

  /** Adds {@code key=value} pairs of the command line. */
  Layers overrides(List<String> pairs) {
    for (String pair : pairs) {
      add(override(pair));
    }
    return this;
  }

  Config tree() {
    return NamedSections.complete(tree);
  }

  private Layers add(Config layer) {
    check(layer.root(), new ArrayList<>());
    tree =
        layer.withFallback(
            GraphSection.isEmptied(layer) ? tree.withoutPath(GraphSection.KEY) : tree);
    return this;
  }

  /** Reads a pair, its value as of the reference's type there, so a text needs no quotes. */
  private static Config override(String pair) {
    int equals = pair.indexOf('=');
    if (equals < 1) {
      throw new InvalidConfigException(
          "\"%s\" is not an override; write key=value, as in run.steps=20".formatted(pair));
    }
    String key = pair.substring(0, equals).strip();
    String text = pair.substring(equals + 1).strip();
    List<String> path;
    try {
      path = ConfigUtil.splitPath(key);
    } catch (ConfigException e) {
      throw new InvalidConfigException("\"%s\" is not a key".formatted(key), e);
    }
    String joined = ConfigUtil.joinPath(path);
    String model = ConfigUtil.joinPath(NamedSections.model(path));
    boolean isText =
        Reference.tree().hasPath(model)
            && Reference.tree().getValue(model).valueType() == ConfigValueType.STRING;
    return (isText ? Values.marked(text) : Values.unquoted(text)).atPath(joined);
  }

  private static void check(ConfigObject layer, List<String> path) {
    Config known = Reference.tree();
    for (Map.Entry<String, ConfigValue> entry : layer.entrySet()) {
      List<String> here = new ArrayList<>(path);
      here.add(entry.getKey());
      String key = ConfigUtil.joinPath(here);
      String model = ConfigUtil.joinPath(NamedSections.model(here));
      ConfigValue given = entry.getValue();
      boolean section = given.valueType() == ConfigValueType.OBJECT;
      NamedSections.check(here, given);
      if (GraphSection.holds(here)) { // its reader checks its keys
        requireValue(key, given);
        continue;
      }
      if (NamedSections.isFree(here)) { // the same
        requireValues(here, given);
        continue;
      }
      if (!known.hasPath(model)) {
        throw unknown(here, given);
      }
      boolean expected = known.getValue(model).valueType() == ConfigValueType.OBJECT;
      if (section && expected) {
        check((ConfigObject) given, here);
      } else if (section) {
        throw new InvalidConfigException(
            "%s is a value, it has no keys of its own (%s)"
                .formatted(key, Values.origin(Values.leaf(given))));
      } else if (expected) {
        throw new InvalidConfigException(
            "%s = %s: %s is a section, give one of its keys: %s (%s)"
                .formatted(
                    key,
                    given.render(ConfigRenderOptions.concise()),
                    key,
                    String.join(", ", NamedSections.keys(here, known.getConfig(model))),
                    Values.origin(given)));
      } else {
        requireValue(key, given);
      }
    }
  }

  private static void requireValues(List<String> key, ConfigValue given) {
    requireValue(ConfigUtil.joinPath(key), given);
    if (given instanceof ConfigObject section) {
      section.forEach(
          (name, value) -> {
            List<String> inner = new ArrayList<>(key);
            inner.add(name);
            requireValues(inner, value);
          });
    }
  }

  private static void requireValue(String key, ConfigValue given) {
    if (given.valueType() == ConfigValueType.NULL) {
      throw new InvalidConfigException("%s has no value (%s)".formatted(key, Values.origin(given)));
    }
  }

  private static InvalidConfigException unknown(List<String> key, ConfigValue given) {
    if (given instanceof ConfigObject section && !section.isEmpty()) {
      List<String> inner = new ArrayList<>(key);
      inner.add(section.keySet().stream().sorted().findFirst().orElseThrow());
      return unknown(inner, section.get(inner.get(key.size())));
    }
    String path = ConfigUtil.joinPath(key);
    if (RENAMED.containsKey(path)) {
      return new InvalidConfigException(
          "%s is called %s now (%s)".formatted(path, RENAMED.get(path), Values.origin(given)));
    }
    TreeSet<String> known = new TreeSet<>();
    Reference.tree().entrySet().forEach(entry -> known.add(entry.getKey()));
    known.add(GraphSection.KEY);
    List<String> meant = NamedSections.meant(key).orElse(key);
    known.removeIf(each -> !NamedSections.isModel(each, meant));
    String nearest =
        NearestName.to(ConfigUtil.joinPath(NamedSections.model(meant)), known).orElseThrow();
    return new InvalidConfigException(
        "unknown key %s (%s); did you mean %s?"
            .formatted(path, Values.origin(given), NamedSections.named(nearest, meant)));
  }
}
