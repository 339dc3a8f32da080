package io.atelier.actors.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import io.atelier.actors.config.reward.NamedSections;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.config.section.Reference;
import java.io.File;
import java.net.URL;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Differences of the configuration in a run folder, which has every key, from the defaults. The
 * folder may be of another program or person: no file that it names is read, and unknown keys are
 * no error.
 *
 * <p>Thread-safe.
 */
public final class ConfigDifferences {

  /**
   * One key.
   *
   * @param value as HOCON writes it in one line
   * @param standard the default; empty if the program has none
   * @param ofPreset whether {@link ConfigDifferences#preset} has the same value
   */
  public record Row(String key, String value, String standard, boolean ofPreset) {}

  private static final ConfigRenderOptions LINE = ConfigRenderOptions.concise();

  private final Config tree;
  private String preset = "";
  private List<Row> rows = List.of();

  private ConfigDifferences(Config tree) {
    this.tree = tree;
  }

  /** Trees of the presets, made when they are first needed. */
  private static final class Presets {
    private static final Map<String, Config> TREES = new LinkedHashMap<>();

    static {
      TREES.put(TrainConfig.DEFAULT_PRESET, tree(TrainConfig.DEFAULT_PRESET));
      Layers.presets().keySet().forEach(name -> TREES.computeIfAbsent(name, Presets::tree));
    }

    private static Config tree(String preset) {
      return Layers.reference().preset(preset).tree();
    }
  }

  /**
   * Compares the content of a {@code config.conf}.
   *
   * @throws InvalidConfigException if it is not HOCON
   */
  public static ConfigDifferences of(String hocon) {
    Config tree;
    try {
      tree =
          ConfigFactory.parseString(
                  hocon,
                  ConfigParseOptions.defaults()
                      .setSyntax(ConfigSyntax.CONF)
                      .setOriginDescription("config.conf")
                      .setIncluder(new NoIncludes()))
              .resolve(ConfigResolveOptions.noSystem());
    } catch (ConfigException e) {
      throw new InvalidConfigException(
          e.getMessage().lines().findFirst().orElse("it is not HOCON"), e);
    }
    return new ConfigDifferences(tree);
  }

  /** Returns the preset that it differs from least; a run folder does not say which was used. */
  public synchronized String preset() {
    compare();
    return preset;
  }

  /** Returns the values that are not the defaults, sorted by key. */
  public synchronized List<Row> rows() {
    compare();
    return rows;
  }

  /** Compares on first use: reading all presets takes a second. */
  private void compare() {
    if (!preset.isEmpty()) {
      return;
    }
    String nearest = TrainConfig.DEFAULT_PRESET;
    long least = Long.MAX_VALUE;
    for (Map.Entry<String, Config> each : Presets.TREES.entrySet()) {
      long differences =
          tree.entrySet().stream()
              .filter(entry -> !isIn(each.getValue(), entry.getKey(), entry.getValue()))
              .count();
      if (differences < least) {
        least = differences;
        nearest = each.getKey();
      }
    }
    Config found = Presets.TREES.get(nearest);
    rows =
        tree.entrySet().stream()
            .filter(entry -> !isIn(Reference.tree(), entry.getKey(), entry.getValue()))
            .map(entry -> row(entry.getKey(), entry.getValue(), found))
            .sorted(Comparator.comparing(Row::key))
            .toList();
    preset = nearest;
  }

  private static Row row(String key, ConfigValue value, Config preset) {
    String standard = standard(key).map(each -> each.render(LINE)).orElse("");
    return new Row(key, value.render(LINE), standard, isIn(preset, key, value));
  }

  private static boolean isIn(Config tree, String key, ConfigValue value) {
    String model = NamedSections.model(key);
    String found = tree.hasPath(key) ? key : model;
    return tree.hasPath(found) && tree.getValue(found).unwrapped().equals(value.unwrapped());
  }

  private static Optional<ConfigValue> standard(String key) {
    String model = NamedSections.model(key);
    Config reference = Reference.tree();
    return reference.hasPath(model) ? Optional.of(reference.getValue(model)) : Optional.empty();
  }

  /** Returns a number of the whole configuration; empty if there is none at that key. */
  public Optional<Number> number(String key) {
    return value(key).filter(Number.class::isInstance).map(Number.class::cast);
  }

  /** Returns a text of the whole configuration; empty if there is none at that key. */
  public Optional<String> text(String key) {
    return value(key).filter(String.class::isInstance).map(String.class::cast);
  }

  private Optional<Object> value(String key) {
    ConfigObject at = tree.root();
    List<String> path = ConfigUtil.splitPath(key);
    for (String name : path.subList(0, path.size() - 1)) {
      if (!(at.get(name) instanceof ConfigObject inner)) {
        return Optional.empty();
      }
      at = inner;
    }
    return Optional.ofNullable(at.get(path.get(path.size() - 1))).map(ConfigValue::unwrapped);
  }

  /** Ignores the includes of a file, which may come from someone else. */
  private static final class NoIncludes
      implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL, ConfigIncluderClasspath {

    @Override
    public ConfigIncluder withFallback(ConfigIncluder fallback) {
      return this;
    }

    @Override
    public ConfigObject include(ConfigIncludeContext context, String what) {
      return ConfigFactory.empty().root();
    }

    @Override
    public ConfigObject includeFile(ConfigIncludeContext context, File what) {
      return ConfigFactory.empty().root();
    }

    @Override
    public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
      return ConfigFactory.empty().root();
    }

    @Override
    public ConfigObject includeResources(ConfigIncludeContext context, String what) {
      return ConfigFactory.empty().root();
    }
  }
}
