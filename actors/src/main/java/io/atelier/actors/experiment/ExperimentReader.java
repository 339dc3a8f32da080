package io.atelier.actors.experiment;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.models.files.NearestName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads an experiment. Unknown keys are errors, as in the configuration of a run.
 *
 * @param name of the experiment
 * @param origin where it is written, for messages
 */
record ExperimentReader(String name, String origin) {

  private static final List<String> KEYS =
      List.of("question", "minutes", "seeds", "preset", "settings", "files", "arms", "thresholds");

  private static final List<String> REQUIRED = List.of("question", "seeds", "arms", "thresholds");

  private static final String MODEL = "model.path=";

  /** Settings that matter to the measurement of an untrained model. */
  private static final Pattern MEASURED =
      Pattern.compile("((data|evaluation)\\..*|rollout\\.(height|width)|model\\.path)=");

  private static final String NAME = "[a-z0-9][a-z0-9-]*";

  Experiment read(Config tree) {
    if (!name.matches(NAME)) {
      throw wrong("\"%s\" is no name; take lower-case letters, digits and dashes".formatted(name));
    }
    requireKnown(origin, tree, KEYS, "an experiment");
    for (String key : REQUIRED) {
      if (!tree.hasPath(key)) {
        throw wrong(
            "%s is missing; an experiment has %s".formatted(key, String.join(", ", REQUIRED)));
      }
    }
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
        tree.hasPath("files") ? files(tree.getObject("files")) : List.of(),
        arms,
        tree.getConfigList("thresholds").stream().map(reader::read).toList());
  }

  private InvalidConfigException wrong(String what) {
    return new InvalidConfigException("%s: %s".formatted(origin, what));
  }

  /** Fails if there is an unknown key. */
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

  /** Reads the arms in the order in which they are written. */
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
    if (own.hasPath("command")) {
      if (own.root().size() > 1) {
        throw wrong("arms.%s has a command and settings; put them into the command".formatted(arm));
      }
      return new Arm.Measured(arm, words(own.getString("command")));
    }
    boolean trains = !own.hasPath("train") || own.getBoolean("train");
    List<String> settings = settings(own.withoutPath("preset").withoutPath("train"));
    return trains
        ? new Arm.Trained(
            arm, own.hasPath("preset") ? own.getString("preset") : preset, joined(common, settings))
        : untrained(arm, own, common, settings);
  }

  /** Makes an arm of an untrained model, measured by {@code eval}; the seed decides its noise. */
  private Arm untrained(String arm, Config own, List<String> common, List<String> settings) {
    if (own.hasPath("preset") && !own.getString("preset").equals(TrainConfig.DEFAULT_PRESET)) {
      throw wrong(
          "arm %s is not trained, and preset %s changes nothing that is measured; leave it out"
              .formatted(arm, own.getString("preset")));
    }
    // most shared settings are about training, and an untrained model does not use them
    List<String> all =
        joined(
            common.stream().filter(shared -> MEASURED.matcher(shared).lookingAt()).toList(),
            settings);
    int threads;
    try {
      threads = TrainConfig.load(TrainConfig.DEFAULT_PRESET, List.of(), all).run().threads();
    } catch (InvalidConfigException e) {
      throw new InvalidConfigException("arm %s: %s".formatted(arm, e.getMessage()), e);
    }
    List<String> command =
        new ArrayList<>(List.of("eval", "--json", "--threads", Integer.toString(threads)));
    for (String setting : all) {
      if (setting.startsWith(MODEL)) {
        command.addAll(List.of("--model", setting.substring(MODEL.length())));
      } else {
        command.add(setting);
      }
    }
    command.add("evaluation.seed={seed}");
    return new Arm.Measured(arm, command);
  }

  private static List<String> joined(List<String> first, List<String> more) {
    return Stream.concat(first.stream(), more.stream()).toList();
  }

  private static List<String> words(String command) {
    return List.of(command.strip().split("\\s+"));
  }

  private List<Experiment.FileOf> files(ConfigObject written) {
    List<Experiment.FileOf> files = new ArrayList<>();
    written.forEach(
        (file, value) -> {
          List<String> words = words(value.unwrapped().toString());
          if (!file.matches("[A-Za-z0-9][A-Za-z0-9._-]*")
              || words.stream().filter(FileJob.OUT::equals).count() != 1) {
            throw wrong(
                "files.%s has to be a name with a command that has the word %s once, where to write"
                    .formatted(file, FileJob.OUT));
          }
          words.stream()
              .filter(word -> !word.equals(FileJob.OUT) && Places.WORD.matcher(word).find())
              .findFirst()
              .ifPresent(
                  word -> {
                    throw wrong(
                        "files.%s has %s, but a file is made once for all arms and seeds, so that only %s is replaced"
                            .formatted(file, word, FileJob.OUT));
                  });
          files.add(new Experiment.FileOf(file, words));
        });
    return files;
  }

  /** Returns settings as on the command line, where a text has no quotes. */
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
