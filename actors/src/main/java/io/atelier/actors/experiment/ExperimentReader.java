package io.atelier.actors.experiment;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import io.atelier.actors.config.InvalidConfigException;
import io.atelier.actors.config.TrainConfig;
import io.atelier.models.files.NearestName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads an experiment. A key that is not known is an error, as in the configuration of a run.
 *
 * @param name of the experiment
 * @param origin where it is written, for messages
 */
record ExperimentReader(String name, String origin) {

  private static final List<String> KEYS =
      List.of("question", "minutes", "seeds", "preset", "settings", "arms", "thresholds");

  private static final String NAME = "[a-z0-9][a-z0-9-]*";

  Experiment read(Config tree) {
    if (!name.matches(NAME)) {
      throw wrong("\"%s\" is no name; take lower-case letters, digits and dashes".formatted(name));
    }
    requireKnown(origin, tree, KEYS, "an experiment");
    String preset = tree.hasPath("preset") ? tree.getString("preset") : TrainConfig.DEFAULT_PRESET;
    List<String> common =
        tree.hasPath("settings") ? settings(tree.getConfig("settings")) : List.of();
    List<Arm> arms = arms(tree, preset, common);
    ThresholdReader reader = new ThresholdReader(origin, arms.stream().map(Arm::name).toList());
    return new Experiment(
        name,
        tree.getString("question"),
        tree.hasPath("minutes") ? tree.getDouble("minutes") : 0,
        seeds(tree.getLongList("seeds")),
        arms,
        tree.getConfigList("thresholds").stream().map(reader::read).toList());
  }

  private InvalidConfigException wrong(String what) {
    return new InvalidConfigException("%s: %s".formatted(origin, what));
  }

  /** Fails where there is a key that nobody reads. */
  static void requireKnown(String origin, Config tree, List<String> known, String of) {
    for (String key : tree.root().keySet()) {
      if (!known.contains(key)) {
        throw new InvalidConfigException(
            "%s, line %d: unknown key %s of %s; did you mean %s?"
                .formatted(
                    origin,
                    tree.root().get(key).origin().lineNumber(),
                    key,
                    of,
                    NearestName.to(key, known).orElseThrow()));
      }
    }
  }

  private List<Long> seeds(List<Long> seeds) {
    if (seeds.isEmpty() || Set.copyOf(seeds).size() < seeds.size()) {
      throw wrong("seeds are %s; give at least one, and each once".formatted(seeds));
    }
    return seeds;
  }

  /** Arms in the order in which they are written. */
  private List<Arm> arms(Config tree, String preset, List<String> common) {
    ConfigObject written = tree.getObject("arms");
    List<Arm> arms = new ArrayList<>();
    written.entrySet().stream()
        .sorted(Comparator.comparing(arm -> arm.getValue().origin().lineNumber()))
        .forEach(arm -> arms.add(arm(arm.getKey(), arm.getValue(), preset, common)));
    if (arms.isEmpty()) {
      throw wrong("arms are empty; name at least one");
    }
    return arms;
  }

  private Arm arm(String arm, ConfigValue value, String preset, List<String> common) {
    if (!arm.matches(NAME) || !(value instanceof ConfigObject written)) {
      throw wrong(
          "arms.%s has to be a name of lower-case letters, digits and dashes with settings in braces"
              .formatted(arm));
    }
    Config own = written.toConfig();
    boolean trains = !own.hasPath("train") || own.getBoolean("train");
    // what all arms share is mostly of training, and a model that is not trained has no use for it
    List<String> settings =
        new ArrayList<>(trains ? common : common.stream().filter(Arm::isMeasured).toList());
    settings.addAll(settings(own.withoutPath("preset").withoutPath("train")));
    try {
      String begin = trains ? preset : TrainConfig.DEFAULT_PRESET;
      return new Arm(
          arm, own.hasPath("preset") ? own.getString("preset") : begin, trains, settings);
    } catch (IllegalArgumentException e) {
      throw wrong(e.getMessage());
    }
  }

  /** As on the command line, where a text has no quotes. */
  private static List<String> settings(Config tree) {
    return tree.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(entry -> entry.getKey() + "=" + text(entry.getValue()))
        .toList();
  }

  private static String text(ConfigValue value) {
    return value.valueType() == ConfigValueType.STRING
        ? value.unwrapped().toString()
        : value.render(ConfigRenderOptions.concise());
  }
}
